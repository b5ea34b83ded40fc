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

/** Who relays exactly once: the last one to write it. */
export interface Owner {
  /** Different for each start. */
  instance: string;
  host: string;
  pid: number;
}

/** Null for what is not an owner of ours. */
function decodeOwner(value: Uint8Array): Owner | null {
  try {
    const { instance, host, pid } = JSON.parse(Buffer.from(value).toString('utf8')) as Owner;
    const valid = typeof instance === 'string' && typeof host === 'string' && Number.isInteger(pid);
    return valid ? { instance, host, pid } : null;
  } catch {
    return null;
  }
}

const ownerKey = (relay: string) => `owner/${relay}`;

/** What a positions topic says. */
export interface SavedPositions {
  positions: Map<string, Position>;
  /** Of the relay of that name. */
  owner: Owner | null;
}

/**
 * The positions of one source, in a compacted topic at the target: whoever loses the relay loses nothing. They are
 * written after the target's acknowledgement, or in the transaction of the records.
 */
export class PositionStore {
  readonly topic: string;
  readonly #kafka: Kafka;
  readonly #producer: Producer;
  readonly #relay: string;

  constructor(kafka: Kafka, source: string, relay: string) {
    this.#relay = relay;
    this.topic = positionsTopic(source);
    this.#kafka = kafka;
    this.#producer = kafka.producer({ lingerMs: 0 });
  }

  /** Makes the topic when it isn't there and reads what was saved. */
  async load(signal: AbortSignal): Promise<SavedPositions> {
    await this.#producer.start();
    const admin = this.#kafka.admin();
    // Small segments: only closed ones are compacted, and a start reads all there is.
    const configs = { 'cleanup.policy': 'compact', 'segment.bytes': String(4 << 20) };
    await admin.createTopics([{ name: this.topic, partitions: 1, configs }]);
    const where = [{ topic: this.topic, partition: 0 }];
    const [[start], [end]] = await Promise.all([
      admin.offsets(where, 'earliest'),
      admin.offsets(where, 'latest'),
    ]);
    const saved: SavedPositions = { positions: new Map(), owner: null };
    if (start === undefined || end === undefined || end <= start) return saved;

    const fetcher = this.#kafka.fetcher({ maxWaitMs: 100 });
    try {
      fetcher.seek(this.topic, 0, start);
      while ((fetcher.position(this.topic, 0) ?? end) < end && !signal.aborted) {
        const { partitions, problems } = await fetcher.poll(1000, signal);
        if (problems[0]) throw problems[0].error;
        if (fetcher.unreachable) throw fetcher.unreachable;
        for (const { records } of partitions) {
          while (records.next()) this.#note(saved, records.key()?.toString('utf8'), records.value());
        }
      }
    } finally {
      await fetcher.close();
    }
    return saved;
  }

  #note(saved: SavedPositions, key: string | undefined, value: Buffer | null): void {
    if (key === undefined) return;
    if (key === ownerKey(this.#relay)) {
      saved.owner = value && decodeOwner(value);
      return;
    }
    const position = value && decodePosition(value);
    if (position) saved.positions.set(key, position);
    else saved.positions.delete(key);
  }

  /** Appends a position to a transaction. */
  append(producer: Producer, position: Position, tag: number): void {
    const value = encodePosition(position);
    producer.append(this.topic, 0, Buffer.from(positionKey(position)), value, Date.now(), null, tag);
  }

  /** Appends to a transaction who relays from now on. */
  claim(producer: Producer, owner: Owner, tag: number): void {
    const value = Buffer.from(JSON.stringify(owner));
    producer.append(this.topic, 0, Buffer.from(ownerKey(this.#relay)), value, Date.now(), null, tag);
  }

  /** Writes positions; resolves when the target has them. */
  async save(positions: readonly Position[]): Promise<void> {
    if (positions.length === 0) return;
    for (const position of positions) this.append(this.#producer, position, 0);
    await this.#producer.flush();
  }

  /** Removes positions of topics that are no more. */
  async forget(positions: Iterable<Position>): Promise<void> {
    const now = Date.now();
    for (const position of positions)
      this.#producer.append(this.topic, 0, Buffer.from(positionKey(position)), null, now, null, 0);
    await this.#producer.flush();
  }

  close(signal?: AbortSignal): Promise<void> {
    return this.#producer.close(signal);
  }
}
