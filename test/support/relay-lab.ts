import { Registry as Metrics } from 'prom-client';
import { type Broker, createBroker } from '../../src/runtime/broker/index.ts';
import {
  createRelay,
  type RelayInfo,
  type RelayOptions,
  type RelaySourceInfo,
} from '../../src/runtime/jobs/relay/index.ts';
import {
  createKafka,
  type FetcherOptions,
  type Header,
  type Kafka,
  type Producer,
} from '../../src/runtime/kafka/index.ts';
import { createRegistry } from '../../src/runtime/registry/index.ts';
import { createRegistryClient, type RegistryClient } from '../../src/runtime/serde/index.ts';
import type { Logger } from '../../src/shared/logger.ts';
import { silentLogger } from '../../src/shared/logger.ts';

const never = new AbortController().signal;

export interface LabSite {
  readonly name: string;
  readonly brokers: string[];
  readonly registryUrl: string;
  readonly kafka: Kafka;
  readonly producer: Producer;
  readonly registry: RegistryClient;
  readonly spec: { site: string; brokers: string[]; registryUrl: string };
  stopBroker(): Promise<void>;
  startBroker(): Promise<void>;
  /** Of its broker, as it runs now. */
  faults(): Broker['faults'];
  create(topic: string, partitions?: number, configs?: Record<string, string>): Promise<void>;
  send(topic: string, value: Buffer | null, at?: SendAt): void;
}

export interface SendAt {
  partition?: number;
  key?: Buffer | null;
  ts?: number;
  headers?: Header[];
}

export interface Read {
  partition: number;
  offset: number;
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer | null>;
}

export interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  fields: Record<string, unknown>;
}

/** Sites with real brokers and registries, and relays between them; disposing stops all of it. */
export class RelayLab implements AsyncDisposable {
  readonly log: LogLine[] = [];
  readonly #cleanups: (() => unknown)[] = [];

  defer(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }

  async site(
    name: string,
    dataDir: string | null = null,
    config: Record<string, string> = {},
  ): Promise<LabSite> {
    let broker: Broker | null = null;
    let port = 0;
    const startBroker = async () => {
      broker = createBroker({
        nodeId: 1,
        dataDir,
        listeners: [{ name: 'local', host: '127.0.0.1', port }],
        config,
        log: silentLogger,
      });
      await broker.start(never);
      port = broker.ports.local!;
    };
    this.defer(() => broker?.stop());
    await startBroker();
    const running = { startBroker, stopBroker: async () => broker?.stop(), faults: () => broker!.faults };
    return { ...(await this.siteAt(name, [`127.0.0.1:${port}`])), ...running };
  }

  /** A site whose brokers are there already. */
  async siteAt(name: string, brokers: string[]): Promise<LabSite> {
    const registry = createRegistry({
      kafka: { brokers, clientId: 'registry' },
      host: '127.0.0.1',
      port: 0,
      log: silentLogger,
    });
    this.defer(() => registry.stop());
    await registry.start(never);
    const kafka = createKafka({ brokers, clientId: 'lab' });
    this.defer(() => kafka.close());
    const producer = kafka.producer({ lingerMs: 0 });
    await producer.start();
    return {
      ...{ name, brokers, kafka, producer },
      registryUrl: registry.url,
      registry: createRegistryClient(registry.url),
      spec: { site: name, brokers, registryUrl: registry.url },
      startBroker: () => Promise.reject(new Error('not ours to start')),
      stopBroker: () => Promise.reject(new Error('not ours to stop')),
      faults() {
        throw new Error('not ours to break');
      },
      async create(topic, partitions = 1, configs = {}) {
        await kafka.admin().createTopics([{ name: topic, partitions, configs }]);
      },
      send(topic, value, { partition = 0, key = Buffer.from('k'), ts = 1000, headers } = {}) {
        producer.append(topic, partition, key, value, ts, headers ?? null, 0);
      },
    };
  }

  /** A relay to a site, started. */
  async relay(
    target: LabSite,
    sources: readonly LabSite[],
    options: Partial<RelayOptions> = {},
    signal: AbortSignal = never,
  ): Promise<RunningRelay> {
    const metrics = new Metrics();
    const relay = createRelay({
      site: target.name,
      brokers: target.brokers,
      registryUrl: target.registryUrl,
      sources: sources.map(({ spec }) => spec),
      topics: ['*'],
      refreshMs: 100,
      metrics,
      log: this.#logger({}),
      ...options,
    });
    this.defer(() => relay.stop());
    await relay.start(signal);
    return {
      metrics,
      info: () => relay.info(),
      source: (name) => relay.info().sources.find(({ source }) => source === name)!,
      trouble: () => relay.trouble?.() ?? null,
      ended: relay.ended!,
      stop: () => relay.stop(),
    };
  }

  events(event: string): Record<string, unknown>[] {
    return this.log.filter(({ fields }) => fields.event === event).map(({ fields }) => fields);
  }

  #logger(base: Record<string, unknown>): Logger {
    const at = (level: LogLine['level']) => (fields: object, message: string) => {
      this.log.push({ level, message, fields: { ...base, ...fields } });
    };
    return {
      ...{ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
      child: (fields) => this.#logger({ ...base, ...fields }),
    };
  }
}

export interface RunningRelay {
  metrics: Metrics;
  info(): RelayInfo;
  source(name: string): RelaySourceInfo;
  trouble(): string | null;
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** All records of a topic as it is now. */
export async function readAll(
  kafka: Kafka,
  topic: string,
  isolation: FetcherOptions['isolation'] = 'read_committed',
): Promise<Read[]> {
  const admin = kafka.admin();
  const [description] = await admin.describeTopics([topic]);
  const partitions = description!.partitions.map(({ partition }) => ({ topic, partition }));
  const [starts, ends] = await Promise.all([
    admin.offsets(partitions, 'earliest'),
    admin.offsets(partitions, 'latest'),
  ]);
  const fetcher = kafka.fetcher({ maxWaitMs: 50, isolation });
  const read: Read[] = [];
  const open = new Map<number, number>();
  for (const [index, { partition }] of partitions.entries()) {
    if (starts[index]! >= ends[index]!) continue;
    fetcher.seek(topic, partition, starts[index]!);
    open.set(partition, ends[index]!);
  }
  while (open.size > 0) {
    for (const { partition, records, nextOffset } of (await fetcher.poll(1000)).partitions) {
      while (records.next()) {
        const { offset, timestamp } = records;
        const copy = (bytes: Buffer | null) => bytes && Buffer.from(bytes);
        const headers = Object.fromEntries(
          records.headers().map(({ key, value }) => [key, value && Buffer.from(value)]),
        );
        read.push({
          partition,
          offset,
          timestamp,
          key: copy(records.key()),
          value: copy(records.value()),
          headers,
        });
      }
      if (nextOffset >= open.get(partition)!) open.delete(partition);
    }
  }
  await fetcher.close();
  return read;
}

/** Number of records that readers of a topic see; 0 while it isn't there. */
export async function countOf(kafka: Kafka, topic: string): Promise<number> {
  const topics = await kafka.admin().listTopics();
  return topics.some(({ name }) => name === topic) ? (await readAll(kafka, topic)).length : 0;
}

/** Moves the start of a topic's first partition, as retention does. */
export async function deleteRecords({ kafka }: LabSite, topic: string, offset: number): Promise<void> {
  await kafka.admin().deleteRecords([{ topic, partition: 0, offset }]);
}
