import type { Codec, Encoding, Fields } from './fields.ts';
import { malformed, type Reader } from './reader.ts';
import { includes } from './version-range.ts';
import { Writer } from './writer.ts';

interface Slot {
  readonly name: string;
  readonly codec: Codec<unknown>;
  readonly nullable: boolean;
  readonly default: unknown;
  readonly tag: number;
}

interface Plan {
  readonly slots: Slot[];
  readonly tagged: Slot[];
  /** All fields with their defaults; a decoded value starts as its copy. */
  readonly defaults: Record<string, unknown>;
}

function planFor(fields: Fields, { version, flexible }: Encoding): Plan {
  const plan: Plan = { slots: [], tagged: [], defaults: {} };
  for (const [name, spec] of Object.entries(fields)) {
    plan.defaults[name] = spec.default;
    if (!includes(spec.versions, version)) continue;
    const { codec, tag } = spec;
    const slot = {
      name,
      codec,
      tag: tag ?? -1,
      nullable: includes(spec.nullable, version),
      default: spec.default,
    };
    const isTagged = tag !== null && includes(spec.tagged, version);
    if (!isTagged) plan.slots.push(slot);
    else if (flexible) plan.tagged.push(slot);
  }
  plan.tagged.sort((a, b) => a.tag - b.tag);
  return plan;
}

type Values = Record<string, unknown>;

/** The codec of a struct. What a version looks like is worked out once, when the version is first met. */
export function structCodec(fields: Fields): Codec<Values> {
  const plans: Plan[] = [];
  const planOf = (encoding: Encoding): Plan => {
    const index = encoding.version * 2 + (encoding.flexible ? 1 : 0);
    const known = plans[index];
    if (known) return known;
    const plan = planFor(fields, encoding);
    plans[index] = plan;
    return plan;
  };
  const empty = Object.fromEntries(Object.entries(fields).map(([name, spec]) => [name, spec.default]));
  return {
    empty,
    fields,
    read(reader, encoding, nullable) {
      // A struct that may be null is led by one byte: -1 null, 1 present.
      if (nullable && reader.int8() < 0) return null;
      const plan = planOf(encoding);
      const value = { ...plan.defaults };
      for (const slot of plan.slots) value[slot.name] = slot.codec.read(reader, encoding, slot.nullable);
      if (encoding.flexible) readTags(reader, plan, encoding, value);
      return value;
    },
    write(writer, value, encoding, nullable) {
      if (nullable) writer.int8(value === null ? -1 : 1);
      if (value === null) {
        if (!nullable) throw malformed('null where a struct is required');
        return;
      }
      const plan = planOf(encoding);
      for (const slot of plan.slots) {
        const given = value[slot.name];
        slot.codec.write(writer, given === undefined ? slot.default : given, encoding, slot.nullable);
      }
      if (encoding.flexible) writeTags(writer, plan, encoding, value);
    },
    isEmpty: (value) => value === null,
  };
}

function readTags(reader: Reader, plan: Plan, encoding: Encoding, value: Values): void {
  for (let count = reader.unsignedVarint(); count > 0; count--) {
    const tag = reader.unsignedVarint();
    const size = reader.unsignedVarint();
    const end = reader.take(size) + size;
    const slot = plan.tagged.find((candidate) => candidate.tag === tag);
    if (!slot) continue;
    reader.position = end - size;
    value[slot.name] = slot.codec.read(reader, encoding, slot.nullable);
    if (reader.position !== end) throw malformed(`tagged field ${tag} is not ${size} bytes long`);
  }
}

function writeTags(writer: Writer, plan: Plan, encoding: Encoding, value: Values): void {
  const present = plan.tagged.filter(({ name, codec, default: byDefault }) => {
    const given = value[name];
    return given !== undefined && given !== byDefault && !codec.isEmpty(given);
  });
  writer.unsignedVarint(present.length);
  for (const { name, tag, codec, nullable } of present) {
    const content = new Writer();
    codec.write(content, value[name], encoding, nullable);
    writer.unsignedVarint(tag);
    writer.unsignedVarint(content.length);
    for (const chunk of content.chunks()) writer.bytes(chunk);
  }
}
