import { describe, expect, it } from 'vitest';
import {
  avroType,
  type ThesisRecord,
  thesisRecords,
  thesisSchema,
} from '../../../src/runtime/serde/index.ts';

type Field = [name: string, type: string, defaultValue?: unknown];

/** The records of the thesis's appendix A: fields in order, with their types and defaults. */
const thesis: Record<ThesisRecord, Field[]> = {
  DeviceRegistration: [
    ['name', 'string'],
    ['description', 'string', ''],
    ['location', 'string', ''],
  ],
  SensorRegistration: [
    ['name', 'string'],
    ['description', 'string', ''],
    ['device_id', 'string'],
    ['sensor_type_id', 'string'],
  ],
  SensorTypeRegistration: [
    ['name', 'string'],
    ['description', 'string', ''],
    ['unit', 'string', ''],
  ],
  TemperatureData: [
    ['sensor_id', 'string'],
    ['timestamp', 'long', 0],
    ['temperature', 'double'],
    ['unit', 'enum TemperatureUnit C F K'],
  ],
  TemperatureThresholdExceeded: [
    ['timestamp', 'long', 0],
    ['temperature_threshold', 'double'],
    ['average_transgression', 'double'],
    ['max_transgression', 'double'],
    ['exceeded_for_ms', 'long'],
  ],
  TemperatureThresholdAggregate: [
    ['is_exceeding', 'boolean'],
    ['is_first', 'boolean'],
    ['first_transgression', 'long'],
    ['latest_transgression', 'long'],
    ['latest_transgression_temperature', 'double'],
    ['average_transgression_temperature', 'double'],
    ['max_transgression_temperature', 'double'],
  ],
};

/** Fields that were added since; each must have a default. */
const added: Partial<Record<ThesisRecord, string[]>> = { TemperatureThresholdExceeded: ['phase', 'unit'] };

const samples: Record<string, unknown[]> = {
  string: ['', 'Sensor 1', 'ä€😀'],
  long: [0, -1, 1_700_000_000_000, 2n ** 60n],
  double: [-273.15, 0, 57.93],
  boolean: [true, false],
  enum: ['C', 'F', 'K'],
};

function schemaOf(record: ThesisRecord, fields: Field[]): string {
  return JSON.stringify({
    type: 'record',
    name: record,
    namespace: 'de.unistuttgart.ipvs.dds.avro',
    fields: fields.map(([name, type, defaultValue]) => {
      const [kind, typeName, ...symbols] = type.split(' ');
      return {
        name,
        type: kind === 'enum' ? { type: 'enum', name: typeName, symbols } : type,
        ...(defaultValue !== undefined && { default: defaultValue }),
      };
    }),
  });
}

interface FieldSchema {
  name: string;
  type: string | { type: string; name: string; symbols: string[] };
  default?: unknown;
  doc?: string;
}

describe.each(thesisRecords)('%s', (record) => {
  const text = thesisSchema(record);
  const ours = avroType(text);
  const theirs = avroType(schemaOf(record, thesis[record]));
  const valueAt = (i: number) =>
    Object.fromEntries(
      thesis[record].map(([name, type]) => {
        const choices = samples[type.split(' ')[0]!]!;
        return [name, choices[i % choices.length]];
      }),
    );

  it("has the thesis's fields in its order, with its types and defaults, and docs", () => {
    const parsed = JSON.parse(text) as {
      name: string;
      namespace: string;
      doc: string;
      fields: FieldSchema[];
    };
    expect([parsed.namespace, parsed.name]).toEqual(['de.unistuttgart.ipvs.dds.avro', record]);
    expect(parsed.doc).toMatch(/\.$/);
    const extra = added[record] ?? [];
    const fields = parsed.fields.map((field): Field => {
      expect(field.doc).toMatch(/\.$/);
      const { type } = field;
      const name =
        typeof type === 'string' ? type : [type.type, type.name, ...(type.symbols ?? [])].join(' ');
      return 'default' in field ? [field.name, name, field.default] : [field.name, name];
    });
    expect(fields.filter(([name]) => !extra.includes(name))).toEqual(thesis[record]);
    expect(fields.slice(thesis[record].length).map(([name]) => name)).toEqual(extra);
    for (const field of parsed.fields.filter(({ name }) => extra.includes(name)))
      expect(field).toHaveProperty('default');
  });

  it('writes values that the thesis reads, and reads values that the thesis writes', () => {
    const forward = theirs.createResolver(ours);
    const backward = ours.createResolver(theirs);
    for (let i = 0; i < 12; i++) {
      const value = valueAt(i);
      expect({ ...theirs.fromBuffer(ours.toBuffer(value), forward) }).toEqual(value);
      expect({ ...ours.fromBuffer(theirs.toBuffer(value), backward) }).toMatchObject(value);
      // Without a schema on the way, an old reader still finds its own fields first.
      expect(ours.toBuffer(value).subarray(0, theirs.toBuffer(value).length)).toEqual(theirs.toBuffer(value));
    }
  });

  it('fills in the defaults', () => {
    const required = Object.fromEntries(
      Object.entries(valueAt(0)).filter(([name]) => thesis[record].find((f) => f[0] === name)!.length === 2),
    );
    const defaults = Object.fromEntries(
      thesis[record].filter((f) => f.length === 3).map(([name, , value]) => [name, value]),
    );
    expect({ ...ours.fromBuffer(ours.toBuffer(required)) }).toMatchObject({ ...required, ...defaults });
  });
});
