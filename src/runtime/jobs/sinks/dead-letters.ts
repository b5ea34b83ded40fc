import { deadLetterHeader, deadLetterHeaders, deadLetterSuffix } from '../../../shared/dead-letters.ts';
import type { Logger } from '../../../shared/logger.ts';
import type {
  Admin,
  Fetcher,
  Header,
  Kafka,
  Producer,
  TopicDescription,
  TopicPartition,
} from '../../kafka/index.ts';
import type { DeadLetter } from './round.ts';

/**
 * Writes what can't be stored to `<topic>.dead-letter`, partition by partition in the order of the source. They are
 * acknowledged before the positions are committed, so none is lost; after a crash in between, the last one of the topic
 * that is there tells which of those read again need not be written again.
 */
export class DeadLetters {
  readonly #kafka: Kafka;
  readonly #log: Logger;
  #producer: Producer | null = null;
  /** By topic: partitions of its dead-letter topic. */
  readonly #partitions = new Map<string, number>();
  /** By id of the topic, and partition: highest source offset written. */
  readonly #written = new Map<string, number>();

  constructor(kafka: Kafka, log: Logger) {
    this.#kafka = kafka;
    this.#log = log;
  }

  /** Resolves when all are acknowledged. */
  async write(letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    if (!this.#producer) {
      this.#producer = this.#kafka.producer({ idempotent: true, lingerMs: 0 });
      await this.#producer.start();
    }
    for (const letter of letters) await this.#append(this.#producer, letter);
    await this.#producer.flush();
    for (const { stats, offset } of letters) {
      this.#written.set(
        keyOf(stats.progress.topicId, stats.progress.topic, stats.progress.partition),
        offset,
      );
    }
  }

  async close(): Promise<void> {
    await this.#producer?.close();
  }

  async #append(producer: Producer, letter: DeadLetter): Promise<void> {
    const { topic, topicId, partition } = letter.stats.progress;
    await this.#ensure(topic, topicId, partition);
    if (letter.offset <= (this.#written.get(keyOf(topicId, topic, partition)) ?? -1)) return;
    const headers: Header[] = [
      ...letter.headers,
      deadLetterHeader('reason', letter.reason),
      deadLetterHeader('offset', String(letter.offset)),
      deadLetterHeader('topicId', topicId),
    ];
    this.#log.warn(
      { topic, partition, offset: letter.offset, reason: letter.reason },
      'record cannot be stored',
    );
    producer.append(
      topic + deadLetterSuffix,
      partition,
      letter.key,
      letter.value,
      letter.timestamp,
      headers,
      0,
    );
  }

  /** The dead-letter topic, with the partition; and what it has of it. */
  async #ensure(topic: string, topicId: string, partition: number): Promise<void> {
    if (partition < (this.#partitions.get(topic) ?? 0)) return;
    const admin = this.#kafka.admin();
    const name = topic + deadLetterSuffix;
    const find = async () => (await admin.listTopics()).find((one) => one.name === name);
    const partitions = (await admin.describeTopics([topic]))[0]!.partitions.length;
    const existing = await find();
    if (!existing) await admin.createTopics([{ name, partitions }]);
    else {
      if (existing.partitions.length < partitions) await admin.createPartitions(name, partitions);
      await this.#readLast(admin, topic, topicId, existing);
    }
    this.#partitions.set(topic, partitions);
  }

  /** Backwards, in longer and longer steps: a relay's letters and the marks of its transactions may come after the last. */
  async #readLast(admin: Admin, topic: string, topicId: string, letters: TopicDescription): Promise<void> {
    const all = letters.partitions.map(({ partition }) => ({ topic: letters.name, partition }));
    const [starts, ends] = await Promise.all([admin.offsets(all, 'earliest'), admin.offsets(all, 'latest')]);
    const fetcher = this.#kafka.fetcher({ maxWaitMs: 100, maxBytes: 1 << 20 });
    try {
      for (const [index, where] of all.entries()) {
        let last = -1;
        let to = ends[index]!;
        for (let step = 1; last < 0 && to > starts[index]!; step *= 10) {
          const from = Math.max(starts[index]!, to - step);
          last = await lastBetween(fetcher, where, from, to, topicId);
          to = from;
        }
        if (last >= 0) this.#written.set(keyOf(topicId, topic, where.partition), last);
      }
    } finally {
      await fetcher.close();
    }
  }
}

/** Source offset of the last letter of the topic with the id among those from `from` to below `to`; -1 for none. */
async function lastBetween(
  fetcher: Fetcher,
  { topic, partition }: TopicPartition,
  from: number,
  to: number,
  topicId: string,
): Promise<number> {
  let last = -1;
  fetcher.seek(topic, partition, from);
  while (fetcher.position(topic, partition)! < to) {
    const { partitions, problems } = await fetcher.poll(1000);
    if (problems[0]) throw problems[0].error;
    if (fetcher.unreachable) throw fetcher.unreachable;
    for (const { records } of partitions) {
      while (records.next()) {
        const isOfTopic = records.header(deadLetterHeaders.topicId)?.toString() === topicId;
        if (isOfTopic && records.offset < to) {
          last = Number(records.header(deadLetterHeaders.offset)?.toString() ?? -1);
        }
      }
    }
  }
  fetcher.remove(topic, partition);
  return last;
}

/** The id tells a topic from one of the same name that was deleted. */
const keyOf = (topicId: string, topic: string, partition: number) => `${topicId}/${topic}/${partition}`;
