import type { FetchedPartition, Header, RecordCursor } from '../kafka/index.ts';
import { NotReady, type Topic } from '../streams/index.ts';

/** A record as its bytes: views into what was fetched. */
export interface RawRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** ms since the epoch, as Kafka has it. */
  readonly timestamp: number;
  readonly keyBytes: Uint8Array | null;
  readonly valueBytes: Uint8Array | null;
  readonly headers: readonly Header[];
}

/** A record that was read. */
export interface ConsumedRecord<K, V> extends RawRecord {
  readonly key: K | null;
  /** null deletes the key in a compacted topic. */
  readonly value: V | null;
}

/** What a batch asks of its consumer. */
export interface BatchOwner {
  deadLetter(record: RawRecord, reason: unknown): void;
  commit(): Promise<boolean>;
}

/** Records that were read together; those of a partition are in order. */
export class Batch<K, V> implements Iterable<ConsumedRecord<K, V>> {
  readonly records: readonly ConsumedRecord<K, V>[];
  readonly #owner: BatchOwner;

  /** For the consumer. */
  constructor(records: readonly ConsumedRecord<K, V>[], owner: BatchOwner) {
    this.records = records;
    this.#owner = owner;
  }

  [Symbol.iterator](): Iterator<ConsumedRecord<K, V>> {
    return this.records[Symbol.iterator]();
  }

  /**
   * Sets a record aside in the dead-letter topic, byte by byte as it came, with the reason in a header. The next commit waits
   * until it is acknowledged there. Throws the reason where the consumer has no such topic.
   */
  deadLetter(record: ConsumedRecord<K, V>, reason: unknown): void {
    this.#owner.deadLetter(record, reason);
  }

  /**
   * Says that everything up to and with this batch is done: after a crash the group goes on behind it. False when the group
   * has given the partitions to others meanwhile: they do the batch once more.
   */
  commit(): Promise<boolean> {
    return this.#owner.commit();
  }
}

/** Decodes what was fetched. What can't be read is told to `unreadable`, which throws or sets it aside. */
export async function decodeRecords<K, V>(
  topic: Topic<K, V>,
  fetched: readonly FetchedPartition[],
  unreadable: (record: RawRecord, reason: Error) => void,
): Promise<ConsumedRecord<K, V>[]> {
  const records: ConsumedRecord<K, V>[] = [];
  for (const { partition, records: cursor } of fetched) {
    while (cursor.next()) {
      const raw = rawRecord(topic.name, partition, cursor);
      let record = decode(topic, raw);
      if (record instanceof NotReady) {
        // The first record of its schema.
        await record.load();
        record = decode(topic, raw);
      }
      if (record instanceof Error) unreadable(raw, record);
      else records.push(record);
    }
  }
  return records;
}

const rawRecord = (topic: string, partition: number, cursor: RecordCursor): RawRecord => ({
  ...{ topic, partition, offset: cursor.offset, timestamp: cursor.timestamp },
  ...{ keyBytes: cursor.key(), valueBytes: cursor.value(), headers: cursor.headers() },
});

function decode<K, V>(topic: Topic<K, V>, raw: RawRecord): ConsumedRecord<K, V> | Error {
  const { name, key, value } = topic;
  const { keyBytes, valueBytes } = raw;
  try {
    return {
      ...raw,
      key: keyBytes === null ? null : key.decode(keyBytes, name),
      value: valueBytes === null ? null : value.decode(valueBytes, name),
    };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
