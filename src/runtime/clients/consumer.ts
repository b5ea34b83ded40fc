import { DdsError } from '../../errors/index.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import {
  type CommittedOffset,
  type FetchedPartition,
  type Fetcher,
  type FetchProblem,
  type GroupGeneration,
  type GroupMembership,
  isPartitionsLost,
  type Kafka,
  type TopicPartition,
} from '../kafka/index.ts';
import type { Topic } from '../streams/index.ts';
import { Batch, decodeRecords, type RawRecord } from './batch.ts';
import { DeadLetterWriter } from './dead-letters.ts';
import { RangeAssignor } from './range-assignor.ts';

export interface TopicConsumerOptions<K, V> {
  topic: Topic<K, V>;
  /** Consumers of one group share the partitions of the topic. */
  group: string;
  /** Where to begin when the group has committed nothing yet, or what it committed is gone. Default `earliest`. */
  from?: 'earliest' | 'latest';
  /** Where records go that can't be read, and those given to `batch.deadLetter`. Made when it is missing. Without one they end the consumer. */
  deadLetterTopic?: string;
  /** Most bytes of one batch. Default 1 MiB. */
  maxBatchBytes?: number;
  /** A member that is silent for this long is put out, ms. Default 10,000. */
  sessionTimeoutMs?: number;
  /** Called for each batch before it is handed out. */
  onBatch?: (records: number) => void;
  /** Called for each record that was set aside. */
  onDeadLetter?: (record: RawRecord, reason: unknown) => void;
  clock?: Clock;
}

const pollMs = 500;
/** New partitions of the topic are noticed after this time. */
const checkPartitionsMs = 10_000;

/** A member of a consumer group that hands out batches and leaves it to its owner when a batch is done. */
export class TopicConsumer<K, V> implements AsyncDisposable {
  readonly #kafka: Kafka;
  readonly #options: TopicConsumerOptions<K, V>;
  readonly #clock: Clock;
  readonly #fetcher: Fetcher;
  readonly #group: GroupMembership;
  readonly #deadLetters: DeadLetterWriter | null;
  /** By partition, behind what was handed out. */
  readonly #positions = new Map<number, CommittedOffset>();
  readonly #behind = new Map<number, number>();
  #generation: GroupGeneration | null = null;
  #letterError: Error | null = null;
  /** Of the topic, when the group was joined. */
  #partitionCount = 0;
  #checkedAtMs = 0;

  /** For `openConsumer`. */
  constructor(kafka: Kafka, options: TopicConsumerOptions<K, V>, deadLetters: DeadLetterWriter | null) {
    const { topic, group, maxBatchBytes = 1 << 20, sessionTimeoutMs = 10_000, clock = systemClock } = options;
    this.#kafka = kafka;
    this.#options = options;
    this.#clock = clock;
    this.#deadLetters = deadLetters;
    this.#fetcher = kafka.fetcher({ maxBytes: maxBatchBytes, maxPartitionBytes: maxBatchBytes });
    this.#group = kafka.group({
      ...{ groupId: group, topics: [topic.name], sessionTimeoutMs },
      assignor: new RangeAssignor(kafka.admin()),
    });
  }

  /** Records of this member's partitions that were not handed out yet, as last heard. */
  get lag(): number {
    return [...this.#behind.values()].reduce((sum, records) => sum + records, 0);
  }

  /** What is wrong now, in one line; null while all is well. */
  get trouble(): string | null {
    if (this.#fetcher.unreachable) return this.#fetcher.unreachable.message;
    return this.#generation ? null : `waiting for consumer group ${this.#options.group}`;
  }

  /**
   * Batches until the signal aborts. What is not committed then, or when the loop is left, comes again. Throws for a record
   * that can't be read where there is no dead-letter topic.
   */
  async *batches(signal: AbortSignal): AsyncGenerator<Batch<K, V>, void, void> {
    while (!signal.aborted) {
      try {
        this.#generation = await this.#group.join(signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      const { partitions, ended } = this.#generation;
      await this.#seek(partitions);
      yield* this.#read(this.#generation, AbortSignal.any([signal, ended]));
      for (const { topic, partition } of partitions) this.#fetcher.remove(topic, partition);
      if (!signal.aborted) this.#generation = null;
    }
  }

  async *#read(generation: GroupGeneration, over: AbortSignal): AsyncGenerator<Batch<K, V>, void, void> {
    const { topic, onBatch } = this.#options;
    const deadLetter = (record: RawRecord, reason: unknown) => this.#deadLetter(record, reason);
    while (!over.aborted && !(await this.#hasGrown())) {
      const { partitions, problems } = await this.#fetcher.poll(pollMs, over);
      for (const problem of problems) await this.#solve(problem);
      // What comes while the group changes is its next owner's.
      if (over.aborted || partitions.length === 0) continue;
      const records = await decodeRecords(topic, partitions, deadLetter);
      const done = this.#note(partitions);
      onBatch?.(records.length);
      yield new Batch(records, { deadLetter, commit: () => this.#commit(generation, done) });
    }
  }

  /** Begins where the group has come to. */
  async #seek(partitions: readonly TopicPartition[]): Promise<void> {
    const { topic, from = 'earliest' } = this.#options;
    const admin = this.#kafka.admin();
    const [committed, fallback, [description]] = await Promise.all([
      this.#group.committed(partitions),
      admin.offsets(partitions, from),
      admin.describeTopics([topic.name]),
    ]);
    this.#partitionCount = description!.partitions.length;
    this.#checkedAtMs = this.#clock.monotonic();
    this.#positions.clear();
    this.#behind.clear();
    for (const [at, { topic, partition, offset }] of committed.entries())
      this.#fetcher.seek(topic, partition, offset >= 0 ? offset : fallback[at]!);
  }

  /** Retention may have removed what would come next; anything else is for the owner. */
  async #solve({ topic, partition, kind, error }: FetchProblem): Promise<void> {
    if (kind !== 'out-of-range') throw error;
    const { from = 'earliest' } = this.#options;
    const [offset] = await this.#kafka.admin().offsets([{ topic, partition }], from);
    this.#fetcher.seek(topic, partition, offset!);
  }

  /** Whether there are partitions that nobody reads yet: to join again shares them out. */
  async #hasGrown(): Promise<boolean> {
    const nowMs = this.#clock.monotonic();
    if (nowMs - this.#checkedAtMs < checkPartitionsMs) return false;
    this.#checkedAtMs = nowMs;
    const { name } = this.#options.topic;
    // Brokers that are away are noticed by those who read from them.
    const [description] = await this.#kafka
      .admin()
      .describeTopics([name])
      .catch(() => []);
    return description !== undefined && description.partitions.length !== this.#partitionCount;
  }

  /** Moves the positions behind what is handed out now; a copy of all of them. */
  #note(fetched: readonly FetchedPartition[]): CommittedOffset[] {
    for (const { topic, partition, nextOffset, highWatermark } of fetched) {
      this.#positions.set(partition, { topic, partition, offset: nextOffset, metadata: '' });
      this.#behind.set(partition, Math.max(0, highWatermark - nextOffset));
    }
    return [...this.#positions.values()];
  }

  #deadLetter(record: RawRecord, reason: unknown): void {
    if (!this.#deadLetters) {
      const { topic, partition, offset } = record;
      const why = reason instanceof Error ? reason.message : String(reason);
      throw new DdsError('DDS_UNDECODABLE', `${topic}/${partition}@${offset}: ${why}`, {
        cause: reason,
        hint: 'Name a deadLetterTopic to set such records aside.',
      });
    }
    this.#deadLetters.add(record, reason);
    this.#options.onDeadLetter?.(record, reason);
  }

  async #commit(generation: GroupGeneration, offsets: readonly CommittedOffset[]): Promise<boolean> {
    await this.#flushLetters();
    if (generation !== this.#generation) return false;
    try {
      await this.#group.commit(offsets);
      return true;
    } catch (error) {
      if (isPartitionsLost(error)) return false;
      throw error;
    }
  }

  /** A letter that was refused is lost to every later commit: its record must come again, to another consumer of the group. */
  async #flushLetters(): Promise<void> {
    if (this.#letterError) throw this.#letterError;
    await this.#deadLetters?.flush().catch((error: Error) => {
      this.#letterError = error;
      throw error;
    });
  }

  /** Leaves the group, so that others take over at once. */
  async close(): Promise<void> {
    await this.#group.leave();
    await this.#fetcher.close();
    await this.#deadLetters?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Opens a consumer; it joins its group when `batches` begins. Throws DDS_UNKNOWN_TOPIC, DDS_BROKER_UNREACHABLE. */
export async function openConsumer<K, V>(
  kafka: Kafka,
  options: TopicConsumerOptions<K, V>,
): Promise<TopicConsumer<K, V>> {
  const { topic, deadLetterTopic } = options;
  await kafka.admin().describeTopics([topic.name]);
  const deadLetters =
    deadLetterTopic === undefined ? null : await DeadLetterWriter.open(kafka, deadLetterTopic, topic.name);
  return new TopicConsumer(kafka, options, deadLetters);
}
