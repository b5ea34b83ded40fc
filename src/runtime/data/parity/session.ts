import { setTimeout as sleep } from 'node:timers/promises';
import { DdsError } from '../../../errors/index.ts';
import type { KafkaAccess } from '../../../shared/access.ts';
import { Connection } from '../../kafka/client/connection.ts';
import {
  type Api,
  codeOf,
  createTopics,
  deleteGroups,
  deleteTopics,
  findCoordinator,
  kafkaErrorName,
  listGroups,
  metadata,
  NIL_UUID,
  type RequestInput,
  type ResponseOf,
} from '../../protocol/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: any API; its fields are inferred by the caller
type AnyApi = Api<any, any>;

/** One request of the script, and what came of it. */
export interface Exchange {
  /** `section: what is done`; unique together with the version. */
  operation: string;
  api: string;
  version: number;
  /** The decoded answer; null when the broker closed the connection instead. */
  answer: unknown;
}

export interface SessionOptions extends KafkaAccess {
  host: string;
  port: number;
  /** In front of every name that the script makes. */
  prefix: string;
  /** The same at both sides: records carry times relative to it, ms since 1970. */
  startedAt: number;
  signal: AbortSignal;
}

interface AskOptions {
  version?: number | undefined;
  /** Errors that pass by themselves are waited out, unless they are what the operation is about. Default true. */
  patient?: boolean;
  /** Ask again until the answer is so; a broker may learn of a change a little later. */
  until?: (answer: never) => boolean;
}

const patienceMs = 15_000;
const pauseMs = 50;
const requestTimeoutMs = 10_000;

/** A coordinator that is being found or loaded, a leader that is being chosen. */
const passing = new Set([
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
]);

/** One side: puts the requests of the script to a broker and keeps the answers. */
export class Session implements Disposable {
  readonly exchanges: Exchange[] = [];
  readonly startedAt: number;
  readonly #options: SessionOptions;
  readonly #opened = new Set<Connection>();
  /** Of each API the versions that the script asks in; set once both sides are known. */
  #shared: (api: AnyApi, version: number) => boolean = () => true;
  #main: Connection | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.startedAt = options.startedAt;
  }

  /** The name under which the script makes a topic, a group or a transactional id. */
  name(short: string): string {
    return `${this.#options.prefix}${short}`;
  }

  /** Another connection, for requests that wait. */
  async connect(): Promise<Connection> {
    const { host, port, tls, sasl, signal } = this.#options;
    const connection = await Connection.open(
      { host, port, tls, sasl, clientId: 'dds-parity', connectTimeoutMs: requestTimeoutMs, requestTimeoutMs },
      signal,
    );
    this.#opened.add(connection);
    return connection;
  }

  async #connection(): Promise<Connection> {
    if (this.#main && !this.#main.failure) return this.#main;
    this.#main = await this.connect();
    return this.#main;
  }

  /** Which versions of which APIs the broker offers. */
  async speaks(): Promise<(api: AnyApi, version: number) => boolean> {
    const connection = await this.#connection();
    return (api, version) => connection.offers(api, version);
  }

  share(isShared: (api: AnyApi, version: number) => boolean): void {
    this.#shared = isShared;
  }

  /** The versions of an API that both sides speak, lowest first. */
  versions(api: AnyApi): number[] {
    const all = Array.from({ length: api.maxVersion - api.minVersion + 1 }, (_, i) => api.minVersion + i);
    return all.filter((version) => this.#shared(api, version));
  }

  /** Asks and keeps the answer, by default in the highest version that both sides speak. */
  async ask<A extends AnyApi>(
    operation: string,
    api: A,
    body: RequestInput<A>,
    { version = this.versions(api).at(-1), patient = true, until }: AskOptions = {},
  ): Promise<ResponseOf<A> | null> {
    if (version === undefined) return null;
    const isDone = (answer: ResponseOf<A> | null) =>
      answer === null || ((!patient || !isPassing(answer)) && (!until || until(answer as never)));
    const answer = await this.#askUntil(api, version, body, isDone);
    this.exchanges.push({ operation, api: api.name, version, answer });
    return answer;
  }

  /** The same request in every version that both sides speak. */
  async askInAll<A extends AnyApi>(
    operation: string,
    api: A,
    body: RequestInput<A> | ((version: number) => RequestInput<A>),
    options: AskOptions = {},
  ): Promise<void> {
    for (const version of this.versions(api)) {
      const given = typeof body === 'function' ? body(version) : body;
      await this.ask(operation, api, given, { ...options, version });
    }
  }

  /** Keeps an answer that was asked for on a connection of the script's own. */
  keep(operation: string, api: AnyApi, version: number, answer: unknown): void {
    this.exchanges.push({ operation, api: api.name, version, answer });
  }

  /** Asks until it is so, and keeps nothing: for what has to be there before the script goes on. */
  async await<A extends AnyApi>(
    api: A,
    body: RequestInput<A>,
    isDone: (answer: ResponseOf<A>) => boolean,
  ): Promise<ResponseOf<A>> {
    const answer = await this.#askUntil(
      api,
      this.versions(api).at(-1)!,
      body,
      (one) => one !== null && isDone(one),
    );
    return answer!;
  }

  async #askUntil<A extends AnyApi>(
    api: A,
    version: number,
    body: RequestInput<A>,
    isDone: (answer: ResponseOf<A> | null) => boolean,
  ): Promise<ResponseOf<A> | null> {
    const { signal } = this.#options;
    const until = performance.now() + patienceMs;
    for (;;) {
      signal.throwIfAborted();
      const connection = await this.#connection();
      const answer = await connection.requestIn(api, version, body).catch((error: unknown) => {
        if (DdsError.from(error).code === 'DDS_BROKER_UNREACHABLE') return null;
        throw error;
      });
      if (isDone(answer) || performance.now() > until) return answer;
      await sleep(pauseMs, undefined, { signal });
    }
  }

  /** Makes a topic and waits until its leaders are known; its id. */
  async topic(short: string, numPartitions = 1, configs: Record<string, string> = {}): Promise<string> {
    const name = this.name(short);
    const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
    const body = { topics: [{ name, numPartitions, replicationFactor: 1, configs: entries }] };
    const there = [codeOf('NONE'), codeOf('TOPIC_ALREADY_EXISTS')];
    await this.await(createTopics, body, ({ topics: [topic] }) => there.includes(topic?.errorCode ?? -1));
    return this.topicReady(short, numPartitions);
  }

  async topicReady(short: string, numPartitions = 1): Promise<string> {
    const answer = await this.await(metadata, this.#asked(short), ({ topics: [topic] }) => {
      const led = topic?.partitions.filter(({ errorCode }) => errorCode === 0) ?? [];
      return topic?.errorCode === 0 && led.length >= numPartitions;
    });
    return answer.topics[0]?.topicId ?? NIL_UUID;
  }

  async topicGone(short: string): Promise<void> {
    const unknown = codeOf('UNKNOWN_TOPIC_OR_PARTITION');
    await this.await(metadata, this.#asked(short), ({ topics: [topic] }) => topic?.errorCode === unknown);
  }

  #asked(short: string) {
    return { topics: [{ name: this.name(short) }], allowAutoTopicCreation: false };
  }

  /** Waits until the coordinator of a group (type 0) or a transactional id (type 1) is there. */
  async coordinator(short: string, keyType: 0 | 1): Promise<void> {
    await this.await(
      findCoordinator,
      { key: this.name(short), keyType, coordinatorKeys: [this.name(short)] },
      (answer) => (answer.coordinators[0] ?? answer).errorCode === 0,
    );
  }

  /** Removes the topics and groups that the script made. */
  async cleanUp(): Promise<void> {
    const { prefix } = this.#options;
    const { topics } = await this.await(metadata, { topics: null }, () => true);
    const names = topics.flatMap(({ name }) => (name?.startsWith(prefix) ? [name] : []));
    const body = {
      ...{ topics: names.map((name) => ({ name })), topicNames: names, timeoutMs: requestTimeoutMs },
    };
    if (names.length > 0) await this.await(deleteTopics, body, () => true);
    const { groups } = await this.await(listGroups, {}, () => true);
    const groupsNames = groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(prefix));
    if (groupsNames.length > 0) await this.await(deleteGroups, { groupsNames }, () => true);
  }

  [Symbol.dispose](): void {
    for (const connection of this.#opened) connection.close();
  }
}

function isPassing(answer: unknown): boolean {
  if (Array.isArray(answer)) return answer.some(isPassing);
  if (typeof answer !== 'object' || answer === null || Buffer.isBuffer(answer)) return false;
  return Object.entries(answer).some(([name, value]) =>
    /errorCode$/i.test(name) ? passing.has(kafkaErrorName(value as number)) : isPassing(value),
  );
}
