import { floorIndex } from './segment-index.ts';

/** Batches are kept up to this many bytes over all partitions of a broker. */
const DEFAULT_BUDGET_BYTES = 4 * 1024 * 1024;

/** The newest batches of one partition, without a gap, so that a consumer at the head reads no file. */
export class Tail {
  offsets: number[] = [];
  batches: Buffer[] = [];

  /** Whole batches from the one with `offset` on; null when it isn't cached. */
  read(offset: number, maxBytes: number): Buffer[] | null {
    if (this.offsets.length === 0 || offset < this.offsets[0]!) return null;
    const found: Buffer[] = [];
    let total = 0;
    for (let at = floorIndex(this.offsets, offset); at < this.batches.length; at++) {
      const batch = this.batches[at]!;
      if (total + batch.length > maxBytes && total > 0) break;
      found.push(batch);
      total += batch.length;
    }
    return found;
  }
}

/** One budget for all partitions: the oldest batch of the broker goes first, which is always the first of its tail. */
export class TailCache {
  readonly #budgetBytes: number;
  #order: Tail[] = [];
  #first = 0;
  #bytes = 0;

  constructor(budgetBytes = DEFAULT_BUDGET_BYTES) {
    this.#budgetBytes = budgetBytes;
  }

  add(tail: Tail, offset: number, bytes: Uint8Array): void {
    // A copy: the bytes are a view into a request that would be kept alive.
    const copy = Buffer.allocUnsafe(bytes.length);
    copy.set(bytes);
    tail.offsets.push(offset);
    tail.batches.push(copy);
    this.#order.push(tail);
    this.#bytes += copy.length;
    while (this.#bytes > this.#budgetBytes) this.#dropOldest();
  }

  #dropOldest(): void {
    const tail = this.#order[this.#first++]!;
    tail.offsets.shift();
    const batch = tail.batches.shift();
    this.#bytes -= batch?.length ?? 0;
    if (this.#first > 1024 && this.#first * 2 > this.#order.length) {
      this.#order = this.#order.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Forgets a partition, deleted or cut. */
  clear(tail: Tail): void {
    for (const batch of tail.batches) this.#bytes -= batch.length;
    tail.offsets = [];
    tail.batches = [];
    this.#order = this.#order.slice(this.#first).filter((other) => other !== tail);
    this.#first = 0;
  }
}
