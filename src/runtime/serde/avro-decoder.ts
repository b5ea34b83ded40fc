import { type Clock, systemClock } from '../../shared/clock.ts';
import { type AvroType, avroType } from './avro.ts';
import type { RegisteredSchema, RegistryClient } from './registry-client.ts';
import { readWireId, wireHeaderBytes } from './wire.ts';

/** A value, or why there is none. `id` is null when the bytes are not in the wire format. */
export type Decoded =
  | { id: number; value: unknown; error: null }
  | { id: number | null; value: null; error: string };

/** A schema that values were written with, ready to read them; or why it can't be. */
export type WriterSchema =
  | { id: number; registered: RegisteredSchema; type: AvroType; error: null }
  | { id: number; registered: RegisteredSchema | null; type: null; error: string };

/** An id that the registry did not know is asked for again after this long: it may have been registered since. */
const unknownForMs = 2000;

/** Decodes Avro values in Confluent's wire format, each with the schema it was written with. */
export class AvroDecoder {
  readonly #client: Pick<RegistryClient, 'schemaById' | 'referencedTexts'>;
  readonly #clock: Clock;
  readonly #schemas = new Map<number, WriterSchema>();
  readonly #unknownUntil = new Map<number, number>();
  readonly #loading = new Map<number, Promise<WriterSchema>>();

  constructor(client: Pick<RegistryClient, 'schemaById' | 'referencedTexts'>, clock: Clock = systemClock) {
    this.#client = client;
    this.#clock = clock;
  }

  /**
   * Synchronous once the schema is here. What cannot be decoded is an answer with an error; the promise rejects only
   * when the registry gives no answer (DDS_REGISTRY_UNREACHABLE, DDS_REGISTRY): then nothing is known of the value, and
   * the same call may succeed later.
   */
  decode(bytes: Uint8Array | null): Decoded | Promise<Decoded> {
    if (bytes === null) return { id: null, value: null, error: 'no value' };
    const id = readWireId(bytes);
    if (id === null) return { id: null, value: null, error: notWire(bytes) };
    const writer = this.cached(id);
    return writer ? readWire(writer, bytes) : this.load(id).then((loaded) => readWire(loaded, bytes));
  }

  /** The schema of an id, when it is here. */
  cached(id: number): WriterSchema | undefined {
    const schema = this.#schemas.get(id);
    if (schema === undefined || schema.registered !== null) return schema;
    return this.#clock.monotonic() < this.#unknownUntil.get(id)! ? schema : undefined;
  }

  /** The schema of an id, from the registry when it isn't here yet. Rejects as `decode` does. */
  load(id: number): Promise<WriterSchema> {
    const cached = this.cached(id);
    if (cached) return Promise.resolve(cached);
    let loading = this.#loading.get(id);
    if (!loading) {
      loading = this.#fetch(id).finally(() => this.#loading.delete(id));
      this.#loading.set(id, loading);
    }
    return loading;
  }

  async #fetch(id: number): Promise<WriterSchema> {
    const registered = await this.#client.schemaById(id);
    const schema = await this.#prepare(id, registered);
    this.#schemas.set(id, schema);
    if (registered === null) this.#unknownUntil.set(id, this.#clock.monotonic() + unknownForMs);
    return schema;
  }

  async #prepare(id: number, registered: RegisteredSchema | null): Promise<WriterSchema> {
    if (registered === null)
      return { id, registered, type: null, error: `schema id ${id} is not registered` };
    const { schemaType, schema, references } = registered;
    if (schemaType !== 'AVRO') {
      return { id, registered, type: null, error: `schema id ${id} is of type ${schemaType}, not Avro` };
    }
    const texts = await this.#client.referencedTexts(references);
    try {
      return { id, registered, type: avroType(schema, texts), error: null };
    } catch (error) {
      return { id, registered, type: null, error: `schema id ${id} is not valid Avro: ${messageOf(error)}` };
    }
  }
}

/** Reads bytes that are known to carry the id of this schema. */
export function readWire(writer: WriterSchema, bytes: Uint8Array): Decoded {
  const { id, type } = writer;
  if (type === null) return { id, value: null, error: writer.error };
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const { value, offset } = type.decode(buffer, wireHeaderBytes);
    if (offset === buffer.length) return { id, value, error: null };
    const error =
      offset < 0
        ? `the value ends too early for schema id ${id}`
        : `${buffer.length - offset} bytes are left over after the value of schema id ${id}`;
    return { id, value: null, error };
  } catch (error) {
    return { id, value: null, error: `not a value of schema id ${id}: ${messageOf(error)}` };
  }
}

function notWire(bytes: Uint8Array): string {
  if (bytes.length < wireHeaderBytes) return `not in the wire format: only ${bytes.length} bytes`;
  return `not in the wire format: starts with 0x${bytes[0]!.toString(16).padStart(2, '0')}, not 0x00`;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
