import { DdsError } from '../../../errors/index.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import {
  codeOf,
  findCoordinator,
  kafkaErrorEntry,
  metadata,
  NIL_UUID,
  type ResponseOf,
} from '../../protocol/index.ts';
import type { KafkaSettings, TopicDescription } from '../port.ts';
import { type Address, BrokerLink, type LinkOptions } from './broker-link.ts';
import type { Connection } from './connection.ts';
import { isAway, isUnreachable, kafkaError, unreachable } from './errors.ts';

type Metadata = ResponseOf<typeof metadata>;
type MetadataTopic = Metadata['topics'][number];

export type CoordinatorKind = 'group' | 'transactional id';

export interface ClusterOptions {
  clock: Clock;
  log: Logger;
}

const RETRY_PAUSE_MS = 50;
/** Key types of FindCoordinator. */
const GROUP = 0;
const TRANSACTION = 1;

function parseAddress(broker: string): Address {
  const match = /^\[?(.+?)\]?:(\d+)$/.exec(broker);
  if (match) return { host: match[1]!, port: Number(match[2]) };
  throw new DdsError('DDS_USAGE', `not a broker address: ${broker}`, { hint: 'Give it as host:port.' });
}

/** Who the brokers are and who leads which partition, as last heard; and a connection for questions to any of them. */
export class Cluster {
  readonly settings: KafkaSettings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly #linkOptions: LinkOptions;
  readonly #bootstrap: BrokerLink[];
  readonly #nodes = new Map<number, Address>();
  readonly #links = new Map<number, BrokerLink>();
  readonly #topics = new Map<string, MetadataTopic>();
  /** Node ids by kind and key. */
  readonly #coordinators = new Map<string, number>();
  #refresh: { topics: Set<string>; done: Promise<void> } | null = null;
  /** Producers, fetchers and members that are not closed yet: they end with it. */
  readonly parts = new Set<{ close(signal?: AbortSignal): unknown }>();
  #closed = false;

  constructor(settings: KafkaSettings, options: ClusterOptions) {
    this.settings = settings;
    this.clock = options.clock;
    this.log = options.log;
    this.#linkOptions = {
      clientId: settings.clientId,
      ...{ tls: settings.tls, sasl: settings.sasl },
      connectTimeoutMs: settings.connectTimeoutMs ?? 5000,
      requestTimeoutMs: settings.requestTimeoutMs ?? 30_000,
      clock: options.clock,
    };
    this.#bootstrap = settings.brokers.map((broker) => {
      const address = parseAddress(broker);
      return new BrokerLink(() => address, this.#linkOptions);
    });
  }

  get requestTimeoutMs(): number {
    return this.#linkOptions.requestTimeoutMs;
  }

  get nodes(): { nodeId: number; host: string; port: number }[] {
    return [...this.#nodes].map(([nodeId, address]) => ({ nodeId, ...address }));
  }

  /** A link of the caller's own to a node, so that a long poll never holds up anybody else. The caller closes it. */
  link(nodeId: number): BrokerLink {
    return new BrokerLink(() => this.#nodes.get(nodeId), this.#linkOptions);
  }

  /** The connection for questions to this node. */
  async node(nodeId: number): Promise<Connection> {
    let link = this.#links.get(nodeId);
    if (!link) {
      link = this.link(nodeId);
      this.#links.set(nodeId, link);
    }
    return (await link.standing()) ?? link.connection(true);
  }

  /** A connection to any broker. Throws DDS_BROKER_UNREACHABLE when none answers. */
  async any(): Promise<Connection> {
    if (this.#closed) throw unreachable(this.settings.brokers.join(', '), 'closed by dds');
    const links = [...this.#bootstrap, ...this.#links.values()];
    for (let open = links.find((link) => link.current); open; open = links.find((link) => link.current)) {
      const connection = await open.standing();
      if (connection) return connection;
    }
    let failure: unknown;
    for (const link of links) {
      try {
        return await link.connection(true);
      } catch (error) {
        failure = error;
      }
    }
    // What one broker refuses, the others do too; that one is away says less than that all are.
    const isOneOfMany = this.settings.brokers.length > 1 && isAway(failure);
    if (failure instanceof DdsError && !isOneOfMany) throw failure;
    throw unreachable(this.settings.brokers.join(', '), failure);
  }

  /** The topic as last heard. */
  topic(name: string): MetadataTopic | undefined {
    return this.#topics.get(name);
  }

  /** Node id of the partition's leader as last heard; -1 when there is none or it is not known. */
  leader(topic: string, partition: number): number {
    const { partitions } = this.#topics.get(topic) ?? {};
    const found = partitions?.[partition];
    if (found?.partitionIndex === partition) return found.leaderId;
    return partitions?.find(({ partitionIndex }) => partitionIndex === partition)?.leaderId ?? -1;
  }

  /** Asks anew for these topics. Calls of the same tick share one request. */
  async refresh(topics: Iterable<string>): Promise<void> {
    if (this.#refresh) {
      for (const topic of topics) this.#refresh.topics.add(topic);
      return this.#refresh.done;
    }
    const wanted = new Set(topics);
    const done = (async () => {
      // Let callers of this tick join in.
      await Promise.resolve();
      this.#refresh = null;
      await this.#fetch([...wanted]);
    })();
    this.#refresh = { topics: wanted, done };
    return done;
  }

  /** Asks for topics (null: all of them) and remembers the answer. Never creates one. */
  async #fetch(topics: readonly string[] | null): Promise<Metadata> {
    const connection = await this.any();
    const answer = await connection.request(metadata, {
      topics: topics === null ? null : topics.map((name) => ({ name })),
      allowAutoTopicCreation: false,
    });
    for (const { nodeId, host, port } of answer.brokers) this.#nodes.set(nodeId, { host, port });
    for (const nodeId of this.#nodes.keys()) {
      if (!answer.brokers.some((broker) => broker.nodeId === nodeId)) this.#nodes.delete(nodeId);
    }
    for (const topic of answer.topics) {
      if (topic.name === null) continue;
      topic.partitions.sort((a, b) => a.partitionIndex - b.partitionIndex);
      const isGone = topic.errorCode !== 0 && !kafkaErrorEntry(topic.errorCode).retriable;
      if (isGone || topic.errorCode === codeOf('UNKNOWN_TOPIC_OR_PARTITION')) this.#topics.delete(topic.name);
      else this.#topics.set(topic.name, topic);
    }
    return answer;
  }

  /** Descriptions, fresh from the cluster. Throws DDS_UNKNOWN_TOPIC when a named one is missing. */
  async describe(topics: readonly string[] | null): Promise<TopicDescription[]> {
    if (topics?.length === 0) return [];
    const answer = await this.retrying(async () => {
      const fresh = await this.#fetch(topics);
      const failed = fresh.topics.find(({ errorCode }) => errorCode !== 0 && topics !== null);
      if (failed) throw kafkaError(failed.errorCode, `topic ${failed.name}`);
      return fresh;
    });
    return answer.topics
      .filter(({ errorCode }) => errorCode === 0)
      .map(({ name, topicId, isInternal, partitions }) => ({
        name: name ?? '',
        id: topicId === NIL_UUID ? null : topicId,
        internal: isInternal,
        partitions: partitions.map(({ partitionIndex, leaderId, replicaNodes, isrNodes }) => ({
          partition: partitionIndex,
          leader: leaderId,
          replicas: replicaNodes,
          isr: isrNodes,
        })),
      }));
  }

  /** The broker that changes topics; any broker where the cluster does not tell. */
  async controller(): Promise<Connection> {
    const { controllerId } = await this.#fetch([]);
    return this.#nodes.has(controllerId) ? this.node(controllerId) : this.any();
  }

  /** The broker that keeps the group's offsets. */
  async coordinator(group: string): Promise<Connection> {
    return this.node(await this.coordinatorId(group));
  }

  /** Its node id; `link()` then gives a connection of the caller's own. */
  coordinatorId(group: string): Promise<number> {
    return this.#findCoordinator(GROUP, group, `group ${group}`);
  }

  /** The coordinator of a group or a transactional id, remembered while the connection to it stands. */
  async rememberedCoordinator(kind: CoordinatorKind, key: string): Promise<Connection> {
    const name = `${kind}/${key}`;
    const known = this.#coordinators.get(name);
    const open = known === undefined ? null : await this.#links.get(known)?.standing();
    if (open) return open;
    const keyType = kind === 'group' ? GROUP : TRANSACTION;
    const nodeId = await this.#findCoordinator(keyType, key, `${kind} ${key}`);
    this.#coordinators.set(name, nodeId);
    return this.node(nodeId);
  }

  /** It may be another one by now. */
  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.#coordinators.delete(`${kind}/${key}`);
  }

  async #findCoordinator(keyType: number, key: string, what: string): Promise<number> {
    const connection = await this.any();
    const answer = await connection.request(findCoordinator, { key, keyType }, { maxVersion: 3 });
    if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, `finding the coordinator of ${what}`);
    const { nodeId, host, port } = answer;
    this.#nodes.set(nodeId, { host, port });
    return nodeId;
  }

  /**
   * Runs `attempt` until it succeeds, again after errors that Kafka calls retriable, for as long as a request may
   * take. A broker that is gone is not waited for; where there are others, one of them is asked, once.
   */
  async retrying<T>(attempt: () => Promise<T>): Promise<T> {
    const deadline = this.clock.monotonic() + this.requestTimeoutMs;
    let mayAskAnother = this.settings.brokers.length > 1 || this.#nodes.size > 1;
    for (let pause = RETRY_PAUSE_MS; ; pause = Math.min(pause * 2, 1000)) {
      try {
        return await attempt();
      } catch (error) {
        const isElsewhere = mayAskAnother && isAway(error);
        if (isElsewhere) mayAskAnother = false;
        else if (!isRetriable(error)) throw error;
        if (this.clock.monotonic() + pause > deadline) throw error;
        await this.clock.sleep(pause);
      }
    }
  }

  /** Whoever has a producer flushes it before; what is still open here is ended, not waited for. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.parts].map(async (part) => part.close(AbortSignal.abort())));
    this.#closed = true;
    for (const link of [...this.#bootstrap, ...this.#links.values()]) link.close();
  }
}

/** Kafka says that the same request may succeed later. */
export function isRetriable(error: unknown): boolean {
  if (!(error instanceof DdsError) || isUnreachable(error)) return false;
  // A topic that is not there stays away for all that we know: metadata is one broker's and current.
  if (error.code === 'DDS_UNKNOWN_TOPIC') return false;
  const kafka = error.details?.kafka;
  return (
    typeof kafka === 'string' && kafkaErrorEntry(codeOf(kafka as Parameters<typeof codeOf>[0])).retriable
  );
}
