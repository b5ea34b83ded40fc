import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { avroType } from '../../../src/runtime/serde/avro.ts';
import { avroTypes, updateTypes } from '../../../src/runtime/serde/avro-types.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const types = (...schemas: object[]) =>
  avroTypes(new Map(schemas.map((schema, at) => [`${at}.avsc`, JSON.stringify(schema)])));
const record = (name: string, ...fields: object[]) => ({ type: 'record', name, fields });

test('every kind of Avro type has one in TypeScript', () => {
  const text = types(
    record(
      'Everything',
      { name: 'count', type: 'long', doc: 'How many, */ in all.' },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'raw', type: 'bytes' },
      { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 4 } },
      { name: 'maybe', type: ['null', 'string'], default: null },
      { name: 'list', type: { type: 'array', items: ['null', 'int'] } },
      { name: 'byName', type: { type: 'map', values: 'boolean' } },
      { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
      { name: 'again', type: 'Kind' },
      { name: 'inner', type: record('Inner', { name: 'x', type: 'double' }) },
      { name: 'either', type: ['null', 'int', 'double'] },
      { name: 'parts', type: ['Inner', record('Outer', { name: 'y', type: 'string' })] },
    ),
  );
  expect(text.slice(0, text.indexOf('/** The schema'))).toBe(`export type Kind = 'A' | 'B';

export interface Inner {
  x: number;
}

export interface Outer {
  y: string;
}

export interface Everything {
  /** How many, *\\/ in all. */
  count: number;
  at: number;
  raw: Uint8Array;
  hash: Uint8Array;
  maybe: null | string;
  list: (null | number)[];
  byName: Record<string, boolean>;
  kind: Kind;
  again: Kind;
  inner: Inner;
  either: null | { 'int': number } | { 'double': number };
  parts: { 'Inner': Inner } | { 'Outer': Outer };
}

`);
});

test('the branches that a value names are those that the codec wants', () => {
  const inner = record('Inner', { name: 'x', type: 'double' });
  const schema = {
    ...record('Whole', { name: 'a', type: inner }, { name: 'b', type: ['Inner', record('Other')] }),
    namespace: 'org.example',
  };
  expect(types(schema)).toContain("b: { 'org.example.Inner': Inner } | { 'org.example.Other': Other };");
  const type = avroType(JSON.stringify(schema));
  expect(type.isValid({ a: { x: 1 }, b: { 'org.example.Inner': { x: 1 } } })).toBe(true);
  expect(type.isValid({ a: { x: 1 }, b: { x: 1 } })).toBe(false);
});

test('a type of several files is declared once, and differing ones are refused', () => {
  const unit = { type: 'enum', name: 'Unit', symbols: ['C', 'F'] };
  const text = types(record('One', { name: 'u', type: unit }), record('Two', { name: 'u', type: unit }));
  expect(text.match(/export type Unit/g)).toHaveLength(1);
  const other = { ...unit, symbols: ['K'] };
  expect(() =>
    types(record('One', { name: 'u', type: unit }), record('Two', { name: 'u', type: other })),
  ).toThrow('1.avsc has another Unit than a schema before it');
  expect(() => types({ type: 'record', name: 'x' })).toThrow('0.avsc is not an Avro schema');
});

test('a file is written, found current, and found old after a change', async () => {
  const directory = temporaryDirectory();
  const out = join(directory, 'records.ts');
  const schema = join(directory, 'thing.avsc');
  writeFileSync(schema, JSON.stringify(record('Thing')));
  await updateTypes({ schemas: directory, out });
  expect(readFileSync(out, 'utf8')).toContain('export interface Thing {\n}');
  await updateTypes({ schemas: directory, out, check: true });
  writeFileSync(schema, JSON.stringify(record('Thing', { name: 'size', type: 'int', doc: "It's big." })));
  await expect(updateTypes({ schemas: directory, out, check: true })).rejects.toThrow('is not what');
  await updateTypes({ schemas: directory, out });
  const { thingSchema } = (await import(out)) as { thingSchema: string };
  expect(JSON.parse(thingSchema).fields[0].doc).toBe("It's big.");
});
