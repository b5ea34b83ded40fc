import { deadLetterHeader } from '../../shared/dead-letters.ts';
import { type Kafka, type Producer, partitionFor } from '../kafka/index.ts';
import type { RawRecord } from './batch.ts';

/** Writes records that could not be worked on to a topic of their own, as they came. */
export class DeadLetterWriter {
  readonly #topic: string;
  readonly #producer: Producer;
  readonly #partitions: number;

  private constructor(topic: string, producer: Producer, partitions: number) {
    this.#topic = topic;
    this.#producer = producer;
    this.#partitions = partitions;
  }

  /** Makes the topic where it is missing, with as many partitions as the source has. */
  static async open(kafka: Kafka, topic: string, source: string): Promise<DeadLetterWriter> {
    const admin = kafka.admin();
    const topics = await admin.listTopics();
    const partitionsOf = (name: string) => topics.find((one) => one.name === name)?.partitions.length;
    const partitions = partitionsOf(topic) ?? partitionsOf(source) ?? 1;
    if (partitionsOf(topic) === undefined)
      await admin.createTopics([{ name: topic, partitions, replicationFactor: -1 }]);
    const producer = kafka.producer({ lingerMs: 0 });
    await producer.start();
    return new DeadLetterWriter(topic, producer, partitions);
  }

  add(
    { topic, partition, offset, timestamp, keyBytes, valueBytes, headers }: RawRecord,
    reason: unknown,
  ): void {
    const text = reason instanceof Error ? reason.message : String(reason);
    const to = keyBytes ? partitionFor(keyBytes, this.#partitions) : partition % this.#partitions;
    this.#producer.append(
      this.#topic,
      to,
      keyBytes,
      valueBytes,
      timestamp,
      [
        ...headers,
        deadLetterHeader('reason', text),
        deadLetterHeader('source', `${topic}/${partition}@${offset}`),
      ],
      0,
    );
  }

  /** Resolves when all are acknowledged. */
  flush(): Promise<void> {
    return this.#producer.flush();
  }

  close(): Promise<void> {
    return this.#producer.close();
  }
}
