import { describe, expect, test } from 'vitest';
import { avroType } from '../../../src/runtime/serde/avro.ts';
import { wireHeaderBytes } from '../../../src/runtime/serde/wire.ts';
import { parseFieldFlags, parseFieldSpec, schemaReadings } from '../../../src/runtime/simulator/index.ts';

const everything = JSON.stringify({
  type: 'record',
  name: 'Machine',
  namespace: 'plant',
  fields: [
    { name: 'machine_id', type: 'string' },
    { name: 'measured_at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'day', type: { type: 'int', logicalType: 'date' } },
    { name: 'micros', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'temperature', type: 'double' },
    { name: 'humidity', type: 'float' },
    { name: 'seq', type: 'long' },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['ON', 'OFF'] } },
    { name: 'note', type: ['null', 'string'], default: null },
    { name: 'reading', type: ['int', 'double'] },
    { name: 'running', type: 'boolean' },
    { name: 'blob', type: 'bytes' },
    { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 4 } },
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
    { name: 'trace', type: { type: 'string', logicalType: 'uuid' } },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'limits', type: { type: 'map', values: 'double' } },
    {
      name: 'position',
      type: {
        type: 'record',
        name: 'Position',
        fields: [
          { name: 'lat', type: 'double' },
          { name: 'lon', type: 'double' },
        ],
      },
    },
    { name: 'previous', type: ['null', 'Position'] },
    { name: 'parent', type: ['null', 'Machine'] },
  ],
});

const startMs = 1_785_000_000_000;

interface Run {
  bytes: Buffer;
  values: Record<string, unknown>[];
}

function run(
  schema: string,
  fields: string[] = [],
  { seed = 1, sensors = 3, count = 300, anomaly = false } = {},
): Run {
  const site = { id: 7, text: schema, references: [] };
  const targets = Array.from({ length: sensors }, (_, i) => ({ id: `s-${i}`, schema: site }));
  const { encode } = schemaReadings(seed, parseFieldFlags(fields))(targets, startMs);
  const type = avroType(schema);
  const parts = Array.from({ length: count }, (_, i) =>
    Buffer.from(encode(i, i * 100, startMs + i * 100, anomaly)),
  );
  const values = parts.map(
    (part) => type.fromBuffer(part.subarray(wireHeaderBytes)) as Record<string, unknown>,
  );
  return { bytes: Buffer.concat(parts), values };
}

const record = (...fields: [string, unknown][]) =>
  JSON.stringify({ type: 'record', name: 'R', fields: fields.map(([name, type]) => ({ name, type })) });

test('a schema with every type gives records that it can read, sensible by type and name', () => {
  const { values } = run(everything);
  expect(new Set(values.map((value) => value.machine_id))).toEqual(new Set(['s-0', 's-1', 's-2']));
  for (const [i, value] of values.entries()) {
    expect(value.measured_at).toBe(startMs + i * 100);
    expect(value.micros).toBe((startMs + i * 100) * 1000);
    expect(value.day).toBe(Math.floor(startMs / 86_400_000));
    expect(value.temperature).toBeGreaterThanOrEqual(-10);
    expect(value.temperature).toBeLessThanOrEqual(40);
    expect(value.trace).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Object.keys(value.reading as object)).toHaveLength(1);
    expect((value.position as { lat: number }).lat).toBeGreaterThan(48);
  }
  const nulls = values.filter(({ note }) => note === null).length;
  expect(nulls).toBeGreaterThan(0);
  expect(nulls).toBeLessThan(100);
  expect(new Set(values.map(({ state }) => state))).toEqual(new Set(['ON', 'OFF']));
  // 100 messages of each of three sensors, each numbered from 0.
  expect(values.filter(({ seq }) => seq === 99)).toHaveLength(3);
});

test('the same seed gives the same bytes, another seed others', () => {
  const bytes = (seed: number) => run(everything, [], { seed }).bytes;
  expect(bytes(5).equals(bytes(5))).toBe(true);
  expect(bytes(5).equals(bytes(6))).toBe(false);
});

describe('generators', () => {
  test('constants, weights and the sensor', () => {
    const schema = record(['a', 'int'], ['b', 'string'], ['c', 'string']);
    const { values } = run(schema, ['a=constant(7)', 'b=enum(OK=9,BAD=1)', 'c=sensor'], { count: 3000 });
    expect(values.every(({ a }) => a === 7)).toBe(true);
    const bad = values.filter(({ b }) => b === 'BAD').length;
    expect(bad).toBeGreaterThan(200);
    expect(bad).toBeLessThan(400);
    expect(values[0]!.c).toMatch(/^s-\d$/);
  });

  test('a walk stays within its bounds and steps', () => {
    const { values } = run(record(['v', 'double']), ['v=walk(min=1,max=2,step=0.3)'], {
      sensors: 1,
      count: 2000,
    });
    const all = values.map(({ v }) => v as number);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...all)).toBeLessThanOrEqual(2);
    expect(Math.max(...all.slice(1).map((v, i) => Math.abs(v - all[i]!)))).toBeLessThanOrEqual(0.3001);
    expect(new Set(all).size).toBeGreaterThan(1000);
  });

  test('a sine has its period', () => {
    const { values } = run(record(['v', 'double']), ['v=sine(min=0,max=10,period=10s)'], {
      sensors: 1,
      count: 200,
    });
    const all = values.map(({ v }) => v as number);
    expect(Math.max(...all)).toBeCloseTo(10, 1);
    expect(Math.min(...all)).toBeCloseTo(0, 1);
    for (let i = 0; i < 100; i++) expect(all[i]).toBeCloseTo(all[i + 100]!, 4);
  });

  test('a correlated field follows, also one that the schema has after it', () => {
    const schema = record(['low', 'double'], ['temperature', 'double']);
    const { values } = run(schema, ['low=correlated(field=temperature,factor=-2,offset=5)']);
    for (const { low, temperature } of values) expect(low).toBeCloseTo((temperature as number) * -2 + 5, 4);
  });

  test('a sequence counts per sensor, and a decimal keeps its scale', () => {
    const schema = record(
      ['n', 'long'],
      ['price', { type: 'bytes', logicalType: 'decimal', precision: 6, scale: 2 }],
    );
    const { values } = run(schema, ['n=sequence(start=10,step=5)', 'price=constant(-1.28)'], {
      sensors: 1,
      count: 3,
    });
    expect(values.map(({ n }) => n)).toEqual([10, 15, 20]);
    expect(values[0]!.price).toEqual(Buffer.from([0x80]));
  });

  test('an anomaly is beyond the bounds', () => {
    const { values } = run(record(['v', 'double']), ['v=walk(min=0,max=10)'], { anomaly: true });
    for (const { v } of values) expect(v).toBeGreaterThanOrEqual(20);
  });

  test('a field of a nested record is described by its path', () => {
    const { values } = run(everything, ['position.lat=constant(1.5)']);
    expect(values.every(({ position }) => (position as { lat: number }).lat === 1.5)).toBe(true);
  });

  test('a nullable field that is described is never null', () => {
    const { values } = run(everything, ['note=constant(hello)']);
    expect(values.every(({ note }) => note === 'hello')).toBe(true);
  });
});

test.each([
  ['temperature=walc(min=0)', 'there is no generator "walc(min=0)"'],
  ['temperature=walk(mn=0)', 'walk does not take "mn=0"; it takes min, max, step, start'],
  ['temperature=walk(min=9,max=1)', 'min 9 is not below max 1'],
  ['temperature=walk(min=abc)', 'min is "abc", not a number'],
  ['temperature', '--field temperature is not allowed'],
  ['temperature=enum()', 'needs values'],
  ['temperature=enum(A=0)', 'A=0 is no weight'],
  ['temperature=sine(period=5 sec)', 'period 5 sec is not allowed'],
])('%s is refused', (text, message) => {
  expect(() => parseFieldFlags([text])).toThrow(message);
});

test.each([
  ['temprature=walk()', 'the schema has no field temprature'],
  ['state=constant(BROKEN)', 'expected one of ON, OFF'],
  ['seq=constant(abc)', 'expected a number'],
  ['running=walk()', 'is of type boolean, which takes no numbers'],
  ['humidity=correlated(field=state)', 'humidity follows state, which is no number before it'],
])('%s does not fit the schema', (text, message) => {
  expect(() => run(everything, [text])).toThrow(message);
});

test('the place of a mistake is told', () => {
  expect(() => parseFieldSpec('walk(max=-1)', 'dds.yaml field x')).toThrow('dds.yaml field x: walk: min 0');
});
