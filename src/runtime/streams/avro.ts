import {
  AvroDecoder,
  avroType,
  createRegistryClient,
  createWireEncoder,
  type RegistryClient,
  type RegistrySettings,
  readWire,
  readWireId,
} from '../serde/index.ts';
import { NotReady } from './record-errors.ts';
import type { Serde } from './serde.ts';

/** Makes serdes for Avro in Confluent's wire format. */
export interface AvroSerdes {
  /**
   * Values of a schema. Each value is read with the schema that it was written with; what is written gets this one, which
   * is registered as `<topic>-value` before the job begins. A `long` is a number up to 2^53 − 1 and a bigint beyond.
   *
   * @param schema its JSON text
   */
  of<T>(schema: string): Serde<T>;
}

/** @param registry URL of the Schema Registry, that with how to get in, or a client of it */
export function avroSerdes(registry: string | RegistrySettings | RegistryClient): AvroSerdes {
  const isClient = typeof registry === 'object' && 'register' in registry;
  const client = isClient ? registry : createRegistryClient(registry);
  const decoder = new AvroDecoder(client);
  return { of: <T>(schema: string) => avroSerde<T>(schema, client, decoder) };
}

/**
 * Avro without a registry, for tests: values that do not fit their schema fail as they would, and bytes that were written
 * with a schema are read with it.
 */
export const localAvro: AvroSerdes = {
  of<T>(schema: string): Serde<T> {
    const type = avroType(schema);
    return {
      encode: (value) => type.toBuffer(value),
      decode: (bytes) => type.fromBuffer(Buffer.from(bytes)) as T,
    };
  },
};

function avroSerde<T>(schema: string, client: RegistryClient, decoder: AvroDecoder): Serde<T> {
  const type = avroType(schema);
  const encoders = new Map<string, (value: unknown) => Buffer>();
  const prepare = async (topic: string): Promise<void> => {
    if (encoders.has(topic)) return;
    const subject = `${topic}-value`;
    const id = await client.register(subject, schema);
    // What a store was written with before: its rows are read back without a wait.
    const versions = await client.versionNumbers(subject);
    const known = await Promise.all(versions.map((version) => client.version(subject, version)));
    await Promise.all(known.map((version) => version && decoder.load(version.id)));
    encoders.set(topic, createWireEncoder(id, type));
  };
  return {
    prepare,
    encode(value, topic) {
      const encode = encoders.get(topic);
      if (!encode) throw new NotReady(() => prepare(topic));
      try {
        return encode(value);
      } catch (error) {
        throw new Error(`the value does not fit the schema of ${topic}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    },
    decode(bytes) {
      const id = readWireId(bytes);
      const writer = id === null ? undefined : decoder.cached(id);
      if (id !== null && !writer) throw new NotReady(() => decoder.load(id));
      if (!writer) throw new Error('the value is not in the wire format of a Schema Registry');
      const { value, error } = readWire(writer, bytes);
      if (error !== null) throw new Error(error);
      return value as T;
    },
  };
}
