import { DdsError } from '../../../errors/index.ts';
import { avroType, createWireEncoder, type RegistryClient } from '../../serde/index.ts';
import { type AvroNode, avroNode, fromRow, MisfitError } from '../../simulator/index.ts';
import { BadLine, ExactNumber, type Part, shown } from './record-line.ts';

type Encode = (json: unknown) => Buffer | null;

/** Makes the bytes of a topic's keys and values: Avro where the registry has a schema for them, else JSON or text. */
export interface TopicEncoder {
  /** Throws BadLine. */
  key(part: Part): Buffer | null;
  /** Throws BadLine. */
  value(part: Part): Buffer | null;
}

/** Throws DDS_REGISTRY_UNREACHABLE, DDS_REGISTRY; DDS_INPUT_INVALID for a schema that is not Avro. */
export async function topicEncoder(topic: string, registry: RegistryClient): Promise<TopicEncoder> {
  const [key, value] = await Promise.all([
    encoder(registry, `${topic}-key`, plainBytes),
    encoder(registry, `${topic}-value`, plainBytes),
  ]);
  const encode = (part: Part, make: Encode) => ('bytes' in part ? part.bytes : make(part.json));
  return { key: (part) => encode(part, key), value: (part) => encode(part, value) };
}

async function encoder(registry: RegistryClient, subject: string, without: Encode): Promise<Encode> {
  const latest = await registry.latest(subject);
  if (!latest) return without;
  if (latest.schemaType !== 'AVRO') {
    throw new DdsError('DDS_INPUT_INVALID', `the schema of ${subject} is ${latest.schemaType}, not Avro`, {
      hint: 'dds produce writes Avro, JSON and text.',
    });
  }
  const type = avroType(latest.schema, await registry.referencedTexts(latest.references));
  const write = createWireEncoder(latest.id, type);
  const node = avroNode(latest.schema, type);
  return (json) => {
    // A null where the schema takes none deletes the key of a compacted topic.
    if (json === null && node.kind !== 'null' && node.kind !== 'union') return null;
    const plain = exactAsText(json);
    const extra = unknownField(node, plain, '');
    if (extra) throw new BadLine(`${extra} is not a field of ${subject} version ${latest.version}`);
    try {
      return write(fromRow(node, plain, ''));
    } catch (error) {
      if (error instanceof MisfitError) throw new BadLine(error.message.replace(/^the row/, 'the value'));
      throw new BadLine(`${shown(json)} does not fit ${subject}: ${(error as Error).message}`);
    }
  };
}

/** null is no bytes, a text its UTF-8, other JSON its text. */
const plainBytes: Encode = (json) => {
  if (json === null || json === undefined) return null;
  return Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
};

/** Longs beyond 2^53 as texts, which the schema's encoder reads exactly. */
function exactAsText(value: unknown): unknown {
  if (value instanceof ExactNumber) return value.source;
  if (Array.isArray(value)) return value.map(exactAsText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, exactAsText(one)]));
}

/** The path of a field that the schema does not have; null when all are known. */
function unknownField(node: AvroNode, value: unknown, path: string): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const at = (name: string | number) => (path === '' ? String(name) : `${path}.${name}`);
  if (Array.isArray(value)) {
    if (node.kind !== 'array') return null;
    return first(value.map((item, i) => unknownField(node.items!, item, at(i))));
  }
  if (node.kind === 'map')
    return first(Object.entries(value).map(([key, one]) => unknownField(node.items!, one, at(key))));
  if (node.kind !== 'record') return null;
  return first(
    Object.entries(value).map(([name, one]) => {
      const field = node.fields!.find((known) => known.name === name);
      return field ? unknownField(field.node, one, at(name)) : at(name);
    }),
  );
}

const first = (found: (string | null)[]): string | null => found.find((one) => one !== null) ?? null;
