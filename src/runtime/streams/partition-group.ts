/** A record that waits for its turn. */
export interface Buffered<R> {
  readonly record: R;
  /** As the topic's extractor sees it, ms. */
  readonly timestamp: number;
}

interface Queue<R> {
  readonly name: string;
  /** Tables go first where times are equal, so that a join finds the row of the same moment. */
  readonly isTable: boolean;
  records: Buffered<R>[];
  head: number;
  /** Records at the broker that were not fetched yet; null while nobody knows. */
  lag: number | null;
}

/**
 * The partitions of a task, read in the order of time: always the earliest head of those that have records. Waits for an
 * empty partition as `max.task.idle.ms` of Kafka Streams says: -1 never, 0 until it is known to have none, and more than 0
 * so much longer (KIP-695).
 */
export class PartitionGroup<R> {
  readonly #queues: Queue<R>[];
  readonly #maxIdleMs: number;
  #idleSince: number | null = null;
  /** How often records were taken although a partition was empty, after waiting in vain. */
  enforced = 0;

  constructor(partitions: readonly { name: string; isTable?: boolean }[], maxIdleMs: number) {
    this.#queues = partitions.map(({ name, isTable = false }) => ({
      name,
      isTable,
      records: [],
      head: 0,
      lag: null,
    }));
    this.#maxIdleMs = maxIdleMs;
  }

  add(name: string, records: readonly Buffered<R>[]): void {
    const queue = this.#queue(name);
    queue.records =
      queue.head === 0 ? queue.records.concat(records) : [...queue.records.slice(queue.head), ...records];
    queue.head = 0;
  }

  /** Records that the broker still has beyond what was fetched. */
  setLag(name: string, lag: number | null): void {
    this.#queue(name).lag = lag;
  }

  /** Records that wait, of one partition or of all. */
  size(name?: string): number {
    const queues = name === undefined ? this.#queues : [this.#queue(name)];
    return queues.reduce((sum, { records, head }) => sum + records.length - head, 0);
  }

  /** Records that wait here and at the broker, as far as is known. */
  get lag(): number {
    return this.#queues.reduce((sum, { lag }) => sum + (lag ?? 0), this.size());
  }

  /** Whether the next record may be taken now. */
  isReady(nowMs: number): boolean {
    let waiting = 0;
    let isComing = false;
    for (const { records, head, lag } of this.#queues) {
      if (records.length > head) waiting++;
      else if (lag === null || lag > 0) isComing = true;
    }
    if (waiting === 0) return false;
    if (this.#maxIdleMs < 0 || waiting === this.#queues.length) {
      this.#idleSince = null;
      return true;
    }
    // What is known to be there will come.
    if (isComing) {
      this.#idleSince = null;
      return false;
    }
    if (this.#maxIdleMs === 0) return true;
    this.#idleSince ??= nowMs;
    if (nowMs - this.#idleSince < this.#maxIdleMs) return false;
    this.enforced++;
    return true;
  }

  /** Takes the record with the earliest head; null when none is there. */
  next(): (Buffered<R> & { name: string }) | null {
    let best: Queue<R> | null = null;
    for (const queue of this.#queues) {
      if (queue.head === queue.records.length) continue;
      const order =
        best === null ? -1 : queue.records[queue.head]!.timestamp - best.records[best.head]!.timestamp;
      if (order < 0 || (order === 0 && queue.isTable && !best!.isTable)) best = queue;
    }
    if (best === null) return null;
    const buffered = best.records[best.head++]!;
    return { ...buffered, name: best.name };
  }

  #queue(name: string): Queue<R> {
    return this.#queues.find((queue) => queue.name === name)!;
  }
}
