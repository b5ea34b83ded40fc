import type { ShownRecord } from '../../runtime/data/tail/format.ts';
import type { LiveTail } from '../../runtime/data/tail/live/live-tail.ts';
import type { RecordRing } from '../../runtime/data/tail/live/record-ring.ts';
import type { LivePartition } from '../../runtime/data/tail/live/topic-counts.ts';

/** A record as the list and the detail show it. */
export interface ListedRecord {
  partition: LivePartition;
  /** Null while its schema is on the way. */
  record: ShownRecord | null;
  offset: number;
  timestamp: number;
}

/** More than any screen has rows. */
const cacheSize = 1000;
/** A registry that gave no answer is asked again after this long. */
const retryMs = 1000;

/** Decodes the records that are on the screen, and no others. */
export class ListedRecords {
  readonly #live: LiveTail;
  #ring: RecordRing;
  readonly #cache = new Map<number, ListedRecord>();

  constructor(live: LiveTail) {
    this.#live = live;
    this.#ring = live.list;
  }

  /** Null when the record is no longer kept. */
  get(sequence: number): ListedRecord | null {
    if (this.#ring !== this.#live.list) {
      this.#ring = this.#live.list;
      this.#cache.clear();
    }
    return this.#cache.get(sequence) ?? this.#decode(sequence);
  }

  /** True when its value cannot be decoded; waits for its schema. Nothing is kept of it. */
  async isError(sequence: number): Promise<boolean> {
    const stored = this.#ring.read(sequence);
    if (!stored) return false;
    const partition = this.#live.partitions[this.#ring.partitionOf(sequence)]!;
    const read = partition.reader.read(stored);
    const record = read instanceof Promise ? await read.catch(() => null) : read;
    return record !== null && record.valueJson === null;
  }

  #decode(sequence: number): ListedRecord | null {
    const stored = this.#ring.read(sequence);
    if (!stored) return null;
    const partition = this.#live.partitions[this.#ring.partitionOf(sequence)]!;
    const { offset, timestamp } = stored;
    const listed: ListedRecord = { partition, record: null, offset, timestamp };
    const read = partition.reader.read(stored);
    if (read instanceof Promise) {
      read.then(
        (record) => {
          listed.record = record;
          this.#live.changed();
        },
        () => {
          setTimeout(() => {
            this.#cache.delete(sequence);
            this.#live.changed();
          }, retryMs).unref();
        },
      );
    } else listed.record = read;
    if (this.#cache.size >= cacheSize) {
      for (const key of [...this.#cache.keys()].slice(0, cacheSize / 2)) this.#cache.delete(key);
    }
    this.#cache.set(sequence, listed);
    return listed;
  }
}
