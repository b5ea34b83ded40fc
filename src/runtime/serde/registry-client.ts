import { DdsError } from '../../errors/index.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { isRegistryError, refused, unreachable } from './registry-errors.ts';
import { type RegistryAnswer, type RegistrySettings, registryHttp } from './registry-http.ts';

export interface SchemaReference {
  /** Name by which the schema's text refers to it: for Avro the full name of a type. */
  name: string;
  subject: string;
  version: number;
}

export type SchemaType = 'AVRO' | 'JSON' | 'PROTOBUF';

export interface RegisteredSchema {
  id: number;
  schemaType: SchemaType;
  schema: string;
  references: SchemaReference[];
}

export interface SubjectVersion extends RegisteredSchema {
  subject: string;
  version: number;
}

export interface RegistryClientOptions {
  /** How long to wait for one answer. Default 5000. */
  timeoutMs?: number;
  /** Waits before each retry of a request that got no answer or a 5xx, ms. Default [100, 300]. */
  retryDelaysMs?: readonly number[];
  clock?: Clock;
}

/**
 * A Schema Registry over its REST API. Nothing is sent before the first call. What never changes (the schema of an id,
 * the id of a text under a subject) is asked once. Throws DDS_REGISTRY_UNREACHABLE when nobody answers, DDS_REGISTRY
 * with the registry's own words when it refuses, DDS_AUTHENTICATION, DDS_NOT_ALLOWED, DDS_TLS and DDS_CREDENTIALS when it does
 * not let us in.
 */
export interface RegistryClient {
  /** Without user name and password. */
  readonly url: string;
  /** null when the registry does not know the id. */
  schemaById(id: number): Promise<RegisteredSchema | null>;
  /** Texts of the referenced schemas and of what they refer to, each after those it needs. */
  referencedTexts(references: readonly SchemaReference[]): Promise<string[]>;
  /** Registers the schema unless the subject has it; the schema's id either way. */
  register(
    subject: string,
    schema: string,
    references?: readonly SchemaReference[],
    schemaType?: SchemaType,
  ): Promise<number>;
  /** null when the subject has no such version. */
  version(subject: string, version: number): Promise<SubjectVersion | null>;
  latest(subject: string): Promise<SubjectVersion | null>;
  subjects(): Promise<string[]>;
  /** Every version of every subject. */
  all(): Promise<SubjectVersion[]>;
  /** Numbers of the subject's versions; empty when there is none. */
  versionNumbers(subject: string, options?: { deleted?: boolean }): Promise<number[]>;
  /** The compatibility level in force for the subject. */
  compatibility(subject: string): Promise<string>;
  /** Why the schema could not be registered under the subject; empty when it could. */
  incompatibilities(
    subject: string,
    schema: string,
    references?: readonly SchemaReference[],
    schemaType?: SchemaType,
  ): Promise<string[]>;
  /** The version that has this schema already; null when none has. */
  lookup(subject: string, schema: string, schemaType?: SchemaType): Promise<SubjectVersion | null>;
  /** Hides a subject, or one version of it; with `permanent` forgets what is hidden already. The versions concerned. */
  deleteVersions(
    subject: string,
    version: number | null,
    options?: { permanent?: boolean },
  ): Promise<number[]>;
  /** Where the id is used. */
  versionsOf(id: number): Promise<{ subject: string; version: number }[]>;
  /** Resolves when the registry answers and lets us in; asked once. */
  check(): Promise<void>;
  /** Resolves when the registry answers; rejects when the signal aborts before. */
  waitReady(signal: AbortSignal): Promise<void>;
}

/** @param at its URL, or that with how to get in */
export function createRegistryClient(
  at: string | RegistrySettings,
  options: RegistryClientOptions = {},
): RegistryClient {
  const { timeoutMs = 5000, retryDelaysMs = [100, 300], clock = systemClock } = options;
  const { base, call } = registryHttp(typeof at === 'string' ? { url: at } : at);
  const byId = new Map<number, Promise<RegisteredSchema | null>>();
  const registered = new Map<string, Promise<number>>();

  function once(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<RegistryAnswer> {
    const timeout = AbortSignal.timeout(timeoutMs);
    return call(method, path, body, signal ? AbortSignal.any([timeout, signal]) : timeout);
  }

  async function request(method: string, path: string, body?: unknown): Promise<RegistryAnswer> {
    for (let attempt = 0; ; attempt++) {
      const delayMs = retryDelaysMs[attempt];
      try {
        const answer = await once(method, path, body);
        if (answer.status < 500 || delayMs === undefined) return answer;
      } catch (error) {
        // What it says of itself does not pass within a moment.
        if (error instanceof DdsError) throw error;
        if (delayMs === undefined) throw unreachable(base, error, timeoutMs);
      }
      await clock.sleep(delayMs);
    }
  }

  async function get<T>(path: string): Promise<T | null> {
    const answer = await request('GET', path);
    if (answer.status === 200) return answer.body as T;
    if (answer.status === 404 && isRegistryError(answer.body)) return null;
    throw refused(base, 'GET', path, answer);
  }

  /** Keeps what a call resolves to for ever; forgets it when it fails or finds nothing, so that it is asked again. */
  function keep<K, V>(cache: Map<K, Promise<V>>, key: K, load: () => Promise<V>): Promise<V> {
    const kept = cache.get(key);
    if (kept !== undefined) return kept;
    const loading = load();
    cache.set(key, loading);
    loading.then(
      (value) => value === null && cache.delete(key),
      () => cache.delete(key),
    );
    return loading;
  }

  async function oneByOne(): Promise<SubjectVersion[]> {
    const versions = async (subject: string) => {
      const numbers = await client.versionNumbers(subject);
      return Promise.all(numbers.map((number) => client.version(subject, number)));
    };
    const found = await Promise.all((await client.subjects()).map(versions));
    // One that is deleted meanwhile is left out.
    return found.flat().filter((one) => one !== null);
  }

  const client: RegistryClient = {
    url: base,
    schemaById: (id) =>
      keep(byId, id, async () => {
        const found = await get<Partial<RegisteredSchema>>(`/schemas/ids/${id}`);
        return found && withDefaults(id, found);
      }),
    async referencedTexts(references) {
      const texts = new Map<string, string>();
      const collect = async (list: readonly SchemaReference[]) => {
        for (const { subject, version } of list) {
          const key = JSON.stringify([subject, version]);
          if (texts.has(key)) continue;
          const found = await client.version(subject, version);
          if (!found) {
            throw new DdsError(
              'DDS_REGISTRY',
              `${base} has no version ${version} of subject ${subject}, which a schema refers to`,
            );
          }
          await collect(found.references);
          texts.set(key, found.schema);
        }
      };
      await collect(references);
      return [...texts.values()];
    },
    register: (subject, schema, references = [], schemaType = 'AVRO') =>
      keep(registered, JSON.stringify([subject, schemaType, schema, references]), async () => {
        const path = `/subjects/${encodeURIComponent(subject)}/versions`;
        const answer = await request('POST', path, schemaBody(schema, references, schemaType));
        if (answer.status !== 200) throw refused(base, 'POST', path, answer);
        return (answer.body as { id: number }).id;
      }),
    async version(subject, version) {
      const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}?deleted=true`;
      const found = await get<SubjectVersion>(path);
      return found && { ...withDefaults(found.id, found), subject, version: found.version };
    },
    async latest(subject) {
      const found = await get<SubjectVersion>(`/subjects/${encodeURIComponent(subject)}/versions/latest`);
      return found && { ...withDefaults(found.id, found), subject, version: found.version };
    },
    subjects: async () => (await get<string[]>('/subjects')) ?? [],
    async all() {
      const listed = (await get<SubjectVersion[]>('/schemas')) ?? [];
      // Apicurio tells the schemas and not whose they are.
      if (listed.some(({ subject }) => subject === undefined)) return oneByOne();
      return listed.map((found) => ({
        ...withDefaults(found.id, found),
        subject: found.subject,
        version: found.version,
      }));
    },
    versionNumbers: async (subject, { deleted = false } = {}) =>
      (await get<number[]>(`/subjects/${encodeURIComponent(subject)}/versions?deleted=${deleted}`)) ?? [],
    async compatibility(subject) {
      const path = `/config/${encodeURIComponent(subject)}?defaultToGlobal=true`;
      return (await get<{ compatibilityLevel: string }>(path))?.compatibilityLevel ?? 'BACKWARD';
    },
    async incompatibilities(subject, schema, references = [], schemaType = 'AVRO') {
      const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions?verbose=true`;
      const answer = await request('POST', path, schemaBody(schema, references, schemaType));
      // A subject without versions takes any schema.
      if (answer.status === 404 && isRegistryError(answer.body)) return [];
      if (answer.status !== 200) throw refused(base, 'POST', path, answer);
      const { is_compatible: compatible, messages = [] } = answer.body as {
        is_compatible: boolean;
        messages?: string[];
      };
      if (compatible) return [];
      return messages.length > 0 ? messages : ['the registry gave no reason'];
    },
    async lookup(subject, schema, schemaType = 'AVRO') {
      const path = `/subjects/${encodeURIComponent(subject)}`;
      const answer = await request('POST', path, schemaBody(schema, [], schemaType));
      if (answer.status === 404 && isRegistryError(answer.body)) return null;
      if (answer.status !== 200) throw refused(base, 'POST', path, answer);
      const found = answer.body as SubjectVersion;
      return { ...withDefaults(found.id, found), subject, version: found.version };
    },
    async deleteVersions(subject, version, { permanent = false } = {}) {
      const place = `/subjects/${encodeURIComponent(subject)}${version === null ? '' : `/versions/${version}`}`;
      const path = `${place}?permanent=${permanent}`;
      const answer = await request('DELETE', path);
      if (answer.status !== 200) throw refused(base, 'DELETE', path, answer);
      registered.clear();
      return typeof answer.body === 'number' ? [answer.body] : (answer.body as number[]);
    },
    versionsOf: async (id) =>
      (await get<{ subject: string; version: number }[]>(`/schemas/ids/${id}/versions`)) ?? [],
    async check() {
      const answer = await request('GET', '/config');
      if (answer.status !== 200) throw refused(base, 'GET', '/config', answer);
    },
    async waitReady(signal) {
      for (;;) {
        signal.throwIfAborted();
        const ready = await once('GET', '/subjects', undefined, signal).then(
          (answer) => answer.status < 500,
          () => false,
        );
        if (ready) return;
        await clock.sleep(50, signal);
      }
    },
  };
  return client;
}

function schemaBody(schema: string, references: readonly SchemaReference[], schemaType: SchemaType) {
  return {
    schema,
    ...(schemaType !== 'AVRO' && { schemaType }),
    ...(references.length > 0 && { references }),
  };
}

function withDefaults(id: number, found: Partial<RegisteredSchema>): RegisteredSchema {
  return {
    id,
    schemaType: found.schemaType ?? 'AVRO',
    schema: found.schema ?? '',
    references: found.references ?? [],
  };
}
