import type {
  ITopicConfig,
  KafkaJSAggregateError,
  KafkaJSProtocolError,
  Admin as KafkajsAdmin,
} from 'kafkajs';
import { DdsError } from '../../errors/index.ts';
import { CONFIG_OPERATION_SET, incrementalAlterConfigs, RESOURCE_TOPIC } from '../protocol/index.ts';
import type { Cluster } from './client/cluster.ts';
import { kafkaError, unreachable } from './client/errors.ts';
import { commitOffsets, committedOffsets, offsetsAt } from './client/offsets.ts';
import type { Admin, TopicDescription, TopicPartition, TopicSpec } from './port.ts';

/** DescribeConfigs tells where a value comes from; this is "the built-in default" (ConfigSource.DEFAULT_CONFIG). */
const BUILT_IN_DEFAULT = 5;
const TOPIC_ALREADY_EXISTS = 36;

/**
 * Administration. What changes topics or reads their configuration goes through kafkajs, which is loaded when first needed;
 * what is asked often (topics, offsets, commits) goes over the connection we have already.
 */
export class ClusterAdmin implements Admin {
  readonly #cluster: Cluster;
  #kafkajs: Promise<KafkajsAdmin> | null = null;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  listTopics(): Promise<TopicDescription[]> {
    return this.#cluster.describe(null);
  }

  describeTopics(names: readonly string[]): Promise<TopicDescription[]> {
    return this.#cluster.describe(names);
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<string[]> {
    const existing = new Set((await this.listTopics()).map(({ name }) => name));
    const missing = specs.filter(({ name }) => !existing.has(name));
    if (missing.length === 0) return [];
    const topics: ITopicConfig[] = missing.map(
      ({ name, partitions, replicationFactor = 1, configs = {} }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor,
        configEntries: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      }),
    );
    const names = missing.map(({ name }) => name);
    await this.#with(
      (admin) => admin.createTopics({ topics, waitForLeaders: false }),
      `creating ${names.join(', ')}`,
    );
    await this.#cluster.describe(names);
    return names;
  }

  async createPartitions(topic: string, count: number): Promise<void> {
    await this.#cluster.describe([topic]);
    await this.#with(
      (admin) => admin.createPartitions({ topicPartitions: [{ topic, count }] }),
      `topic ${topic}`,
    );
    await this.#cluster.describe([topic]);
  }

  async deleteTopics(names: readonly string[]): Promise<void> {
    // Also tells at once when one is missing, which kafkajs would try again and again.
    await this.#cluster.describe(names);
    if (names.length === 0) return;
    await this.#with((admin) => admin.deleteTopics({ topics: [...names] }), `deleting ${names.join(', ')}`);
    await this.#cluster.refresh(names);
  }

  async topicConfigs(topic: string): Promise<Record<string, string>> {
    await this.#cluster.describe([topic]);
    const { resources } = await this.#with(
      (admin) =>
        admin.describeConfigs({ resources: [{ type: RESOURCE_TOPIC, name: topic }], includeSynonyms: false }),
      `configuration of ${topic}`,
    );
    const entries = resources[0]?.configEntries ?? [];
    return Object.fromEntries(
      entries
        .filter(({ configSource, isDefault }) => Number(configSource) !== BUILT_IN_DEFAULT && !isDefault)
        .map(({ configName, configValue }) => [configName, configValue]),
    );
  }

  /** kafkajs can only replace all configs at once; setting some without touching the others takes our own request. */
  async alterTopicConfigs(topic: string, set: Readonly<Record<string, string>>): Promise<void> {
    const configs = Object.entries(set).map(([name, value]) => ({
      name,
      value,
      configOperation: CONFIG_OPERATION_SET,
    }));
    if (configs.length === 0) return;
    await this.#cluster.retrying(async () => {
      const connection = await this.#cluster.any();
      const { responses } = await connection.request(incrementalAlterConfigs, {
        resources: [{ resourceType: RESOURCE_TOPIC, resourceName: topic, configs }],
        validateOnly: false,
      });
      const failed = responses.find(({ errorCode }) => errorCode !== 0);
      if (!failed) return;
      const error = kafkaError(failed.errorCode, `configuration of ${topic}`);
      if (!failed.errorMessage) throw error;
      throw new DdsError(error.code, `configuration of ${topic}: ${failed.errorMessage}`, {
        ...(error.details && { details: error.details }),
      });
    });
  }

  offsets(partitions: readonly TopicPartition[], at: 'earliest' | 'latest' | number): Promise<number[]> {
    return offsetsAt(this.#cluster, partitions, at);
  }

  committed(group: string, partitions: readonly TopicPartition[]): Promise<number[]> {
    return committedOffsets(this.#cluster, group, partitions);
  }

  commit(group: string, offsets: readonly (TopicPartition & { offset: number })[]): Promise<void> {
    return commitOffsets(this.#cluster, group, offsets);
  }

  async brokers(): Promise<{ nodeId: number; host: string; port: number }[]> {
    await this.#cluster.refresh([]);
    return this.#cluster.nodes;
  }

  /** Runs a call of kafkajs. Our own connection goes first, because it knows at once when the cluster is gone. */
  async #with<T>(call: (admin: KafkajsAdmin) => Promise<T>, doing = 'administration'): Promise<T> {
    await this.#cluster.any();
    try {
      this.#kafkajs ??= connectKafkajs(this.#cluster);
      return await call(await this.#kafkajs);
    } catch (error) {
      const failed = this.#kafkajs;
      this.#kafkajs = null;
      await failed?.then((admin) => admin.disconnect()).catch(() => undefined);
      throw toDdsError(error, doing);
    }
  }

  async close(): Promise<void> {
    const open = this.#kafkajs;
    this.#kafkajs = null;
    await open?.then((admin) => admin.disconnect()).catch(() => undefined);
  }
}

async function connectKafkajs(cluster: Cluster): Promise<KafkajsAdmin> {
  const [{ default: kafkajs }, { default: RequestQueue }] = await Promise.all([
    import('kafkajs'),
    // @ts-expect-error: not typed, as it is internal
    import('kafkajs/src/network/requestQueue/index.js'),
  ]);
  quiet(RequestQueue.prototype);
  const { settings } = cluster;
  const admin = new kafkajs.Kafka({
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    connectionTimeout: settings.connectTimeoutMs ?? 5000,
    requestTimeout: cluster.requestTimeoutMs,
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 3, initialRetryTime: 50, maxRetryTime: 500 },
  }).admin();
  await admin.connect();
  return admin;
}

/**
 * kafkajs 2.2 sets a timer for a time long past, over and over, whenever nothing is queued: Node warns of it, and the
 * process never sleeps. Without anything queued no timer is needed.
 */
function quiet(prototype: {
  pending: unknown[];
  scheduleCheckPendingRequests(): void;
  isQuiet?: true;
}): void {
  if (prototype.isQuiet) return;
  prototype.isQuiet = true;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function checkOnlyWhatIsPending() {
    if (this.pending.length > 0) schedule.call(this);
  };
}

function toDdsError(error: unknown, doing: string): DdsError {
  if (error instanceof DdsError) return error;
  const { errors } = error as Partial<KafkaJSAggregateError>;
  // Of many topics: the first failure that is more than "exists already", which kafkajs lets pass alone.
  const first = errors?.find((failure) => (failure as KafkaJSProtocolError).code !== TOPIC_ALREADY_EXISTS);
  if (first) return toDdsError(first, doing);
  const { code, name, message, cause: inner } = error as Error & { code?: unknown };
  const cause = inner instanceof Error ? inner : error;
  const kafkaCode = typeof code === 'number' ? code : (cause as { code?: unknown }).code;
  if (typeof kafkaCode === 'number') return withCause(kafkaError(kafkaCode, doing), error);
  if (name === 'KafkaJSNumberOfRetriesExceeded' || name === 'KafkaJSConnectionError') {
    return unreachable(String((error as { broker?: string }).broker ?? 'of the cluster'), cause);
  }
  return new DdsError('DDS_KAFKA', `${doing}: ${message}`, { cause: error });
}

function withCause(error: DdsError, cause: unknown): DdsError {
  return new DdsError(error.code, error.message, { cause, ...(error.details && { details: error.details }) });
}
