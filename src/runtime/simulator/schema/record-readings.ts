import { Random } from '../../../shared/random.ts';
import { type AvroType, avroType, createWireEncoder } from '../../serde/avro.ts';
import type { ReadingsFactory, SiteSchema } from '../readings.ts';
import type { FieldSpecs } from './field-spec.ts';
import { type Moment, recordGenerator } from './generators.ts';

/** Records of any schema: each sensor has its own generators, all drawn from the one seed. */
export function schemaReadings(seed: number, specs: FieldSpecs): ReadingsFactory {
  return (targets) => {
    const order = new Random(seed, 0).permutation(targets.length);
    const sensorOf = (i: number) => order[i % order.length]!;
    const types = new Map<SiteSchema, { type: AvroType; encode: (value: unknown) => Buffer }>();
    const sensors = targets.map(({ id, schema }, index) => {
      let known = types.get(schema);
      if (!known) {
        const type = avroType(schema.text, schema.references);
        known = { type, encode: createWireEncoder(schema.id, type) };
        types.set(schema, known);
      }
      return {
        encode: known.encode,
        generate: recordGenerator(schema.text, known.type, specs, { id, seed, index }),
      };
    });
    const moment: Moment = { elapsedMs: 0, timeMs: 0, anomaly: false, numbers: new Map() };
    return {
      sensorOf,
      encode(i, elapsedMs, timeMs, anomaly = false) {
        const { encode, generate } = sensors[sensorOf(i)]!;
        moment.elapsedMs = elapsedMs;
        moment.timeMs = timeMs;
        moment.anomaly = anomaly;
        moment.numbers.clear();
        return encode(generate(moment));
      },
    };
  };
}

/** Throws DDS_USAGE when the fields do not fit the schema: known before anything is touched. */
export function checkFields(schemaText: string, specs: FieldSpecs): void {
  const schema: SiteSchema = { id: 0, text: schemaText, references: [] };
  schemaReadings(0, specs)([{ id: 'sensor', schema }], 0).encode(0, 0, 0);
}
