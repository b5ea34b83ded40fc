import type { Kafka, Producer } from '../../kafka/index.ts';

/** Where the relay goes on in one partition of a source topic, and of which incarnation of that topic. */
export interface Position {
  topic: string;
  /** KIP-516 id; null where the source does not tell. */
  topicId: string | null;
  partition: number;
  /** Every record below it is acknowledged at the target. */
  offset: number;
}

/** Key of a position, also in the topic: topic names have no slash. */
export function positionKey({ topic, topicId, partition }: Omit<Position, 'offset'>): string {
  return `${topic}/${topicId ?? ''}/${partition}`;
}

export function positionsTopic(source: string): string {
  return `dds.relay.${source}.positions`;
}

/** Null for what is not a position of ours. */
export function decodePosition(value: Uint8Array): Position | null {
  try {
    const { topic, topicId, partition, offset } = JSON.parse(Buffer.from(value).toString('utf8')) as Position;
    const valid = typeof topic === 'string' && Number.isInteger(partition) && Number.isInteger(offset);
    return valid ? { topic, topicId: topicId ?? null, partition, offset } : null;
  } catch {
    return null;
  }
}

export function encodePosition({ topic, topicId, partition, offset }: Position): Buffer {
  return Buffer.from(JSON.stringify({ topic, topicId, partition, offset }));
}

/**
 * The positions of one source, in a compacted topic at the target: whoever loses the relay loses nothing. A relay that
 * delivers exactly once will write them in the transaction of the records; this one writes them after acknowledgement.
 */
export class PositionStore {
  readonly topic: string;
  readonly #kafka: Kafka;
  readonly #producer: Producer;
  readonly #saved = new Map<string, number>();

  constructor(kafka: Kafka, source: string) {
    this.topic = positionsTopic(source);
    this.#kafka = kafka;
    this.#producer = kafka.producer({ lingerMs: 0 });
  }

  /** Makes the topic when it isn't there and reads what was saved. */
  async load(signal: AbortSignal): Promise<Map<string, Position>> {
    await this.#producer.start();
    const admin = this.#kafka.admin();
    const configs = { 'cleanup.policy': 'compact' };
    await admin.createTopics([{ name: this.topic, partitions: 1, configs }]);
    const where = [{ topic: this.topic, partition: 0 }];
    const [[start], [end]] = await Promise.all([
      admin.offsets(where, 'earliest'),
      admin.offsets(where, 'latest'),
    ]);
    const positions = new Map<string, Position>();
    if (start === undefined || end === undefined || end <= start) return positions;

    const fetcher = this.#kafka.fetcher({ maxWaitMs: 100 });
    try {
      fetcher.seek(this.topic, 0, start);
      while ((fetcher.position(this.topic, 0) ?? end) < end && !signal.aborted) {
        const { partitions, problems } = await fetcher.poll(1000, signal);
        if (problems[0]) throw problems[0].error;
        for (const { records } of partitions) {
          while (records.next()) {
            const key = records.key()?.toString('utf8');
            const value = records.value();
            const position = value && decodePosition(value);
            if (key === undefined) continue;
            if (position) positions.set(key, position);
            else positions.delete(key);
          }
        }
      }
    } finally {
      await fetcher.close();
    }
    for (const [key, { offset }] of positions) this.#saved.set(key, offset);
    return positions;
  }

  /** Writes the positions that changed since they were saved last; resolves when the target has them. */
  async save(positions: Iterable<Position>): Promise<void> {
    const now = Date.now();
    const written: [string, number][] = [];
    for (const position of positions) {
      const key = positionKey(position);
      if (this.#saved.get(key) === position.offset) continue;
      this.#producer.append(this.topic, 0, Buffer.from(key), encodePosition(position), now, null, 0);
      written.push([key, position.offset]);
    }
    if (written.length === 0) return;
    await this.#producer.flush();
    for (const [key, offset] of written) this.#saved.set(key, offset);
  }

  /** Removes positions of topics that are no more. */
  async forget(positions: Iterable<Position>): Promise<void> {
    const now = Date.now();
    for (const position of positions) {
      const key = positionKey(position);
      this.#producer.append(this.topic, 0, Buffer.from(key), null, now, null, 0);
      this.#saved.delete(key);
    }
    await this.#producer.flush();
  }

  close(signal?: AbortSignal): Promise<void> {
    return this.#producer.close(signal);
  }
}
