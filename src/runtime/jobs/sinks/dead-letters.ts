import { deadLetterHeader, deadLetterHeaders, deadLetterSuffix } from '../../../shared/dead-letters.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { Admin, Header, Kafka, Producer, TopicDescription } from '../../kafka/index.ts';
import type { DeadLetter } from './round.ts';

/**
 * Writes what can't be stored to `<topic>.dead-letter`, partition by partition in the order of the source. They are
 * acknowledged before the positions are committed, so none is lost; after a crash in between, the last one that is there
 * tells which of those read again need not be written again.
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
    await this.#ensure(topic, partition);
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
  async #ensure(topic: string, partition: number): Promise<void> {
    if (partition < (this.#partitions.get(topic) ?? 0)) return;
    const admin = this.#kafka.admin();
    const name = topic + deadLetterSuffix;
    const find = async () => (await admin.listTopics()).find((one) => one.name === name);
    const partitions = (await admin.describeTopics([topic]))[0]!.partitions.length;
    const existing = await find();
    if (!existing) await admin.createTopics([{ name, partitions }]);
    else {
      if (existing.partitions.length < partitions) await admin.createPartitions(name, partitions);
      await this.#readLast(admin, topic, existing);
    }
    this.#partitions.set(topic, partitions);
  }

  async #readLast(admin: Admin, topic: string, letters: TopicDescription): Promise<void> {
    const all = letters.partitions.map(({ partition }) => ({ topic: letters.name, partition }));
    const ends = await admin.offsets(all, 'latest');
    const fetcher = this.#kafka.fetcher({ maxWaitMs: 100, maxBytes: 1 << 20 });
    const open = new Set<number>();
    try {
      for (const [index, { partition }] of all.entries()) {
        if (ends[index]! <= 0) continue;
        open.add(partition);
        fetcher.seek(letters.name, partition, ends[index]! - 1);
      }
      while (open.size > 0) {
        const { partitions, problems } = await fetcher.poll(1000);
        for (const { partition, records, nextOffset } of partitions) {
          while (records.next()) {
            const offset = Number(records.header(deadLetterHeaders.offset)?.toString() ?? -1);
            const topicId = records.header(deadLetterHeaders.topicId)?.toString() ?? '';
            this.#written.set(keyOf(topicId, topic, partition), offset);
          }
          if (nextOffset >= ends[all.findIndex((one) => one.partition === partition)]!)
            open.delete(partition);
        }
        for (const { partition } of problems) open.delete(partition);
        if (fetcher.unreachable) throw fetcher.unreachable;
      }
    } finally {
      await fetcher.close();
    }
  }
}

/** The id tells a topic from one of the same name that was deleted. */
const keyOf = (topicId: string, topic: string, partition: number) => `${topicId}/${topic}/${partition}`;
