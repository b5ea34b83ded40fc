import { DdsError } from '../../../errors/index.ts';
import type { RegisteredSchema, RegistryClient, SchemaReference } from '../../serde/index.ts';
import { HoldError } from './hold-error.ts';

/** Schema id at the source → id at the target, for one subject. */
export type IdMap = Map<number, number>;

/** In an IdMap: bytes with this id are no schema's, and pass unchanged. */
export const passAsIs = -1;

export interface SchemaTranslatorOptions {
  source: RegistryClient;
  target: RegistryClient;
  /** Subject at the target of a topic's own subject. */
  targetSubject(subject: string): string;
  /** `lenient` passes ids that the source doesn't know. */
  unknown: 'strict' | 'lenient';
}

/**
 * Learns the ids of one source: the schema is fetched there with all it refers to, registered at the target under the
 * same subject, or that of the topic's name there, and the pair of ids kept. The maps are what the hot path reads.
 */
export class SchemaTranslator {
  readonly #options: SchemaTranslatorOptions;
  readonly #maps = new Map<string, IdMap>();
  readonly #learning = new Map<string, Promise<void>>();

  constructor(options: SchemaTranslatorOptions) {
    this.#options = options;
  }

  idsOf(subject: string): IdMap {
    const known = this.#maps.get(subject);
    if (known) return known;
    const made: IdMap = new Map();
    this.#maps.set(subject, made);
    return made;
  }

  /** Resolves when the subject's map has the id. Throws a HoldError when it can't be learnt now. */
  learn(subject: string, id: number): Promise<void> {
    const key = `${id} ${subject}`;
    const learning = this.#learning.get(key);
    if (learning !== undefined) return learning;
    const started = this.#learn(subject, id).finally(() => this.#learning.delete(key));
    this.#learning.set(key, started);
    return started;
  }

  async #learn(subject: string, id: number): Promise<void> {
    const schema = await this.#options.source.schemaById(id).catch(hold);
    if (!schema) {
      if (this.#options.unknown === 'strict') {
        throw new HoldError('schema-unknown', `the source's registry has no schema ${id} (${subject})`);
      }
      this.idsOf(subject).set(id, passAsIs);
      return;
    }
    this.idsOf(subject).set(id, await this.#copy(subject, schema).catch(hold));
  }

  /** The id at the target. The subject is the topic's unless the source has the schema under others only. */
  async #copy(subject: string, schema: RegisteredSchema): Promise<number> {
    const used = await this.#options.source.versionsOf(schema.id).catch(() => []);
    const others = new Set(used.map((version) => version.subject));
    if (others.size === 0 || others.has(subject))
      return this.#register(this.#options.targetSubject(subject), schema);
    let id = 0;
    for (const other of others) id = await this.#register(other, schema);
    return id;
  }

  /** Registers what the schema refers to first: version numbers differ between registries, as ids do. */
  async #register(subject: string, schema: RegisteredSchema): Promise<number> {
    const { source, target } = this.#options;
    const references: SchemaReference[] = [];
    for (const reference of schema.references) {
      const referred = await source.version(reference.subject, reference.version);
      if (!referred) {
        const missing = `${reference.subject} version ${reference.version}`;
        throw new HoldError(
          'schema-unknown',
          `schema ${schema.id} refers to ${missing}, which the source lacks`,
        );
      }
      const id = await this.#register(reference.subject, referred);
      const versions = await target.versionsOf(id);
      const version = versions.find((one) => one.subject === reference.subject)?.version;
      references.push({ ...reference, version: version ?? reference.version });
    }
    return target.register(subject, schema.schema, references, schema.schemaType);
  }
}

/** What a registry answers when it is the schema that it does not take: incompatible, or no schema. */
const schemaRefused: ReadonlySet<unknown> = new Set([409, 422]);

/** Only what is wrong with the schema is the record's fault; a registry that lets nobody in is put right some day. */
function hold(error: unknown): never {
  if (!(error instanceof DdsError)) throw error;
  if (error.code === 'DDS_NOT_ALLOWED') throw new HoldError('not-allowed', error.message, error);
  const isOfSchema = error.code === 'DDS_REGISTRY' && schemaRefused.has(error.details?.status);
  throw new HoldError(isOfSchema ? 'schema-rejected' : 'registry-unreachable', error.message, error);
}
