import { type Clock, systemClock } from '../../shared/clock.ts';
import { type BatchReport, type Kafka, type Producer, partitionFor } from '../kafka/index.ts';
import type { Topic } from '../streams/index.ts';
import { type HeaderValues, kafkaHeaders } from './headers.ts';

export interface TopicProducerOptions {
  /** So many records may wait for the brokers before `add` says no. Default 10,000. */
  maxPending?: number;
  /** How long a record may wait for others, ms. Default 5. */
  lingerMs?: number;
  /** A record that is not acknowledged within this time has failed. Default 120,000. */
  deliveryTimeoutMs?: number;
  compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  /** Called for each batch that was acknowledged, or given up (`error`). */
  onBatch?: (report: BatchReport) => void;
  clock?: Clock;
}

export interface RecordOptions {
  /** ms since the epoch. Default: now. */
  timestamp?: number;
  headers?: HeaderValues;
}

/** No acknowledgement for so long is worth a word. */
const quietLimitMs = 5000;

/**
 * Writes records of one topic: idempotent, acknowledged by all in-sync replicas, a key always to the same partition. Records
 * are sent in batches behind the caller's back; `flush` is where one learns that they have arrived.
 */
export class TopicProducer<K, V> implements AsyncDisposable {
  readonly topic: Topic<K, V>;
  readonly #producer: Producer;
  readonly #partitions: number;
  readonly #maxPending: number;
  readonly #clock: Clock;
  #failure: Error | null = null;
  /** Where a record without a key goes next. */
  #next = 0;
  /** Monotonic time of the last acknowledgement, or of the first record after a rest. */
  #movedAtMs = 0;

  /** For `openProducer`. */
  constructor(kafka: Kafka, topic: Topic<K, V>, partitions: number, options: TopicProducerOptions) {
    const { maxPending = 10_000, clock = systemClock, onBatch, ...rest } = options;
    this.topic = topic;
    this.#partitions = partitions;
    this.#maxPending = maxPending;
    this.#clock = clock;
    this.#producer = kafka.producer({
      ...rest,
      onBatch: (report) => {
        this.#movedAtMs = clock.monotonic();
        this.#failure ??= report.error;
        onBatch?.(report);
      },
    });
  }

  start(): Promise<void> {
    return this.#producer.start();
  }

  /** Records that no broker has acknowledged yet. */
  get pending(): number {
    return this.#producer.pendingRecords;
  }

  /** What is wrong now, in one line; null while all is well. */
  get trouble(): string | null {
    if (this.pending === 0 || this.#clock.monotonic() - this.#movedAtMs < quietLimitMs) return null;
    return `the brokers do not acknowledge what is sent to ${this.topic.name}`;
  }

  /**
   * Adds a record to the batch of its partition and returns at once. False: enough is under way, await `drain()` before
   * more. A null value deletes the key in a compacted topic. Throws for a value that does not fit the schema, and what
   * made an earlier record fail.
   */
  add(key: K | null, value: V | null, options: RecordOptions = {}): boolean {
    this.#throwFailure();
    const { name, key: keys, value: values } = this.topic;
    const keyBytes = key === null ? null : keys.encode(key, name);
    const valueBytes = value === null ? null : values.encode(value, name);
    const partition = keyBytes ? partitionFor(keyBytes, this.#partitions) : this.#next++ % this.#partitions;
    if (this.pending === 0) this.#movedAtMs = this.#clock.monotonic();
    const { timestamp = this.#clock.now(), headers } = options;
    this.#producer.append(name, partition, keyBytes, valueBytes, timestamp, kafkaHeaders(headers), 0);
    return this.pending < this.#maxPending;
  }

  /** Resolves when there is room again. Rejects with what made a record fail. */
  async drain(): Promise<void> {
    await this.#producer.below(this.#maxPending);
    this.#throwFailure();
  }

  /** Sends what waits; resolves when all is acknowledged. Rejects with what made a record fail. */
  async flush(): Promise<void> {
    // The producer tells the same failure batch by batch.
    await this.#producer.flush().catch(() => undefined);
    this.#throwFailure();
  }

  /** Flushes, and ends. */
  async close(): Promise<void> {
    await this.#producer.close().catch(() => undefined);
    this.#throwFailure();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure) throw failure;
  }
}

/**
 * Opens a producer. A topic with an Avro schema has it registered as `<topic>-value`. Throws DDS_UNKNOWN_TOPIC,
 * DDS_BROKER_UNREACHABLE, DDS_REGISTRY_UNREACHABLE.
 */
export async function openProducer<K, V>(
  kafka: Kafka,
  topic: Topic<K, V>,
  options: TopicProducerOptions = {},
): Promise<TopicProducer<K, V>> {
  const [description] = await kafka.admin().describeTopics([topic.name]);
  await topic.key.prepare?.(topic.name);
  await topic.value.prepare?.(topic.name);
  const producer = new TopicProducer(kafka, topic, description!.partitions.length, options);
  await producer.start();
  return producer;
}
