import { floorIndex } from './segment-index.ts';

/** Batches are kept up to this many bytes over all partitions of a broker. */
const DEFAULT_BUDGET_BYTES = 4 * 1024 * 1024;
const SLAB_BYTES = 256 * 1024;

/** The newest batches of one partition, without a gap, so that a consumer at the head reads no file. */
export class Tail {
  offsets: number[] = [];
  batches: Buffer[] = [];
  /** Batches that were cleared and still count in the cache. */
  cleared = 0;

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

/**
 * One budget for all partitions: the oldest batch of the broker goes first, which is always the first of its tail.
 * Batches lie one behind the other in slabs of our own. In Node's shared pool a batch of 100 bytes could keep 8 KiB
 * alive; here what is alive is the budget and a slab. Hence what was cleared counts until its turn comes.
 */
export class TailCache {
  readonly #budgetBytes: number;
  #order: Tail[] = [];
  #sizes: number[] = [];
  #first = 0;
  #bytes = 0;
  #slab = Buffer.alloc(0);
  #used = 0;

  constructor(budgetBytes = DEFAULT_BUDGET_BYTES) {
    this.#budgetBytes = budgetBytes;
  }

  add(tail: Tail, offset: number, bytes: Uint8Array): void {
    tail.offsets.push(offset);
    tail.batches.push(this.#copy(bytes));
    this.#order.push(tail);
    this.#sizes.push(bytes.length);
    this.#bytes += bytes.length;
    while (this.#bytes > this.#budgetBytes) this.#dropOldest();
  }

  /** The bytes are a view into a request, which would be kept alive. */
  #copy(bytes: Uint8Array): Buffer {
    const { length } = bytes;
    if (length > SLAB_BYTES / 4) {
      const own = Buffer.allocUnsafeSlow(length);
      own.set(bytes);
      return own;
    }
    if (this.#used + length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
    }
    const copy = this.#slab.subarray(this.#used, this.#used + length);
    copy.set(bytes);
    this.#used += length;
    return copy;
  }

  #dropOldest(): void {
    const tail = this.#order[this.#first]!;
    this.#bytes -= this.#sizes[this.#first]!;
    this.#first++;
    if (tail.cleared > 0) tail.cleared--;
    else {
      tail.offsets.shift();
      tail.batches.shift();
    }
    if (this.#first > 1024 && this.#first * 2 > this.#order.length) {
      this.#order = this.#order.slice(this.#first);
      this.#sizes = this.#sizes.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Forgets a partition, deleted or cut. */
  clear(tail: Tail): void {
    tail.cleared += tail.batches.length;
    tail.offsets = [];
    tail.batches = [];
  }
}
