import { DdsError } from '../../../errors/index.ts';
import { kafkaAt, registryAt } from '../../../shared/access.ts';
import type { Clock } from '../../../shared/clock.ts';
import { createKafka, type Kafka, type Producer, partitionFor } from '../../kafka/index.ts';
import { createRegistryClient, type RegistryClient } from '../../serde/index.ts';
import type { SiteEndpoints } from '../../stack/types.ts';
import { BadLine, type LineRecord } from './record-line.ts';
import { type TopicEncoder, topicEncoder } from './topic-encoder.ts';

interface KnownTopic {
  partitions: number;
  encoder: TopicEncoder;
  /** Where the next record without a key goes. */
  next: number;
}

/** So many records may wait for the broker before reading goes on. */
const pendingLimit = 20_000;

/** Encodes records and writes them to one site. */
export class SiteWriter {
  readonly site: string;
  readonly #kafka: Kafka;
  readonly #producer: Producer;
  readonly #registry: RegistryClient;
  readonly #clock: Clock;
  readonly #topics = new Map<string, KnownTopic | Promise<KnownTopic>>();
  readonly #dryRun: boolean;

  constructor(site: SiteEndpoints, clock: Clock, dryRun: boolean) {
    this.site = site.site;
    this.#clock = clock;
    this.#dryRun = dryRun;
    this.#kafka = createKafka(kafkaAt(site, 'dds-produce'), { clock });
    this.#producer = this.#kafka.producer();
    this.#registry = createRegistryClient(registryAt(site), { clock });
  }

  start(): Promise<void> {
    return this.#producer.start();
  }

  /** Finds the topic and its schemas, once. Throws DDS_UNKNOWN_TOPIC, DDS_REGISTRY_UNREACHABLE. */
  async prepare(topic: string): Promise<void> {
    let known = this.#topics.get(topic);
    if (!known) {
      known = this.#find(topic);
      this.#topics.set(topic, known);
    }
    this.#topics.set(topic, await known);
  }

  isPrepared(topic: string): boolean {
    const known = this.#topics.get(topic);
    return known !== undefined && !(known instanceof Promise);
  }

  /** Encodes the record, and hands it to the producer once `send()` is called. Throws BadLine. */
  encode(record: LineRecord): () => void {
    const known = this.#topics.get(record.topic) as KnownTopic;
    const key = known.encoder.key(record.key);
    const value = known.encoder.value(record.value);
    if (record.partition !== null && record.partition >= known.partitions) {
      throw new BadLine(
        `partition is ${record.partition}, and ${record.topic} at ${this.site} has ${known.partitions}`,
      );
    }
    if (this.#dryRun) return () => undefined;
    return () => {
      const partition =
        record.partition ?? (key ? partitionFor(key, known.partitions) : known.next++ % known.partitions);
      const timestamp = record.timestamp ?? this.#clock.now();
      this.#producer.append(record.topic, partition, key, value, timestamp, record.headers, 0);
    };
  }

  below(): Promise<void> | null {
    return this.#producer.pendingRecords < pendingLimit ? null : this.#producer.below(pendingLimit / 2);
  }

  /** Rejects when a batch was given up. */
  flush(): Promise<void> {
    return this.#producer.flush();
  }

  close(): Promise<void> {
    return this.#kafka.close();
  }

  async #find(topic: string): Promise<KnownTopic> {
    try {
      const [partitions, encoder] = await Promise.all([
        this.#producer.partitionCount(topic),
        topicEncoder(topic, this.#registry),
      ]);
      return { partitions, encoder, next: 0 };
    } catch (thrown) {
      const error = DdsError.from(thrown);
      if (error.code !== 'DDS_UNKNOWN_TOPIC') throw error;
      throw new DdsError('DDS_UNKNOWN_TOPIC', `there is no topic ${topic} at ${this.site}`, {
        hint: `Create it with dds topics create ${topic} --site ${this.site}; dds topics list shows what there is.`,
        cause: error,
      });
    }
  }
}
