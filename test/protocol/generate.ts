import { type Field, uint16 } from '../../src/runtime/protocol/fields.ts';
import type { Api, Fields } from '../../src/runtime/protocol/index.ts';
import * as messages from '../../src/runtime/protocol/messages/index.ts';
import { includes } from '../../src/runtime/protocol/version-range.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies are generated, not typed
export type AnyApi = Api<any, any>;

/** Every API that is defined. */
export const apis: AnyApi[] = Object.values(messages).filter(
  (value): value is typeof value & AnyApi => typeof value === 'object' && 'requestCodec' in value,
);

/** Numbers from a seed (mulberry32), so that a failure can be repeated. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The shape of a field is known only to its codec: a value of the right kind is told by the default. */
interface Shape {
  element?: Field | Fields;
  fields?: Fields;
}

/** The one codec of numbers that are never below 0. */
const unsigned = uint16().codec;

type Random = () => number;
const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;

/** A value for every field that the version has; the others keep their defaults. */
export function generate(
  fields: Fields,
  version: number,
  flexible: boolean,
  random: Random,
): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const isThere = includes(field.versions, version) && (field.tag === null || flexible);
    value[name] = isThere ? generateField(field, version, flexible, random) : field.default;
  }
  return value;
}

function generateField(field: Field, version: number, flexible: boolean, random: Random): unknown {
  if (includes(field.nullable, version) && random() < 0.3) return null;
  const { codec } = field;
  const shape = codec as unknown as Shape;
  if (shape.fields) return generate(shape.fields, version, flexible, random);
  if (shape.element) {
    const element = shape.element;
    return Array.from({ length: Math.floor(random() * 4) }, () =>
      'versions' in element && 'codec' in element
        ? generateField(element as Field, version, flexible, random)
        : generate(element as Fields, version, flexible, random),
    );
  }
  const { empty } = codec;
  if (Buffer.isBuffer(empty)) return Buffer.from(pick(random, ['', 'x', 'y'.repeat(5000)]));
  if (typeof empty === 'boolean') return random() < 0.5;
  if (codec === unsigned) return pick(random, [0, 1, 9092, 65_535]);
  if (typeof empty === 'number') return pick(random, [0, 1, -1, 127, -128]);
  if (/^0{8}-/.test(String(empty))) return '12345678-9abc-def0-1234-56789abcdef0';
  return pick(random, ['', 'a', 'Zürich', 'n'.repeat(300)]);
}
