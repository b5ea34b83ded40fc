import type { AppendListener, PartitionLog } from './partition-log.ts';

/**
 * One fetch that waits for bytes in any of its partitions. However many appends arrive in one turn of the event loop,
 * it wakes once, after them; and it has one timer, not one per partition.
 */
export class FetchWait implements AppendListener {
  readonly done: Promise<void>;
  readonly #logs: readonly PartitionLog[];
  readonly #timer: NodeJS.Timeout;
  readonly #isCommitted: boolean;
  #missingBytes: number;
  #resolve: () => void = () => {};

  /** `isCommitted`: what belongs to an open transaction does not count. */
  constructor(logs: readonly PartitionLog[], missingBytes: number, maxWaitMs: number, isCommitted: boolean) {
    this.#logs = logs;
    this.#isCommitted = isCommitted;
    this.#missingBytes = missingBytes;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = setTimeout(() => this.end(), maxWaitMs);
    for (const log of logs) log.listeners.add(this);
  }

  appended(bytes: number, stableBytes: number): void {
    const wasWaiting = this.#missingBytes > 0;
    this.#missingBytes -= this.#isCommitted ? stableBytes : bytes;
    if (wasWaiting && this.#missingBytes <= 0) setImmediate(() => this.end());
  }

  /** Enough bytes, the time is up, or nobody is there any more. */
  end(): void {
    clearTimeout(this.#timer);
    for (const log of this.#logs) log.listeners.delete(this);
    this.#resolve();
  }
}
