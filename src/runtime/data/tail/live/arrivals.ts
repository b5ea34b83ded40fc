/** How many batches of a partition are remembered for hop times. */
const batches = 4096;

/**
 * When the records of a partition were received here: a time for each batch, the last 4096 of them. A batch that was not
 * received as soon as it was there (we were behind, or it is from before) has no time.
 */
export class Arrivals {
  /** Offset after the batch, rising. */
  readonly #ends = new Float64Array(batches);
  readonly #times = new Float64Array(batches);
  #count = 0;

  /** @param atMs monotonic; NaN when the batch was late */
  add(nextOffset: number, atMs: number): void {
    const slot = this.#count++ % batches;
    this.#ends[slot] = nextOffset;
    this.#times[slot] = atMs;
  }

  /** NaN when nothing is known of the record. */
  at(offset: number): number {
    const oldest = Math.max(0, this.#count - batches);
    let [low, high] = [oldest, this.#count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ends[middle % batches]! <= offset) low = middle + 1;
      else high = middle;
    }
    // Of the oldest batch that is remembered it is not known where it begins.
    return low === this.#count || (low === oldest && oldest > 0) ? Number.NaN : this.#times[low % batches]!;
  }
}
