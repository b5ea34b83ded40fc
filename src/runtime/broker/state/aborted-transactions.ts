/** One transaction whose records in this partition are not to be shown; `lastOffset` is that of its marker. */
export interface Aborted {
  readonly producerId: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** The last stable offset after the marker: whatever ended later began there or behind. Absent in old snapshots. */
  readonly stableOffset?: number;
}

/** The aborted transactions of one partition, in the order of their markers (Kafka: TransactionIndex). */
export class AbortedTransactions {
  #list: Aborted[];

  constructor(list: readonly Aborted[] = []) {
    this.#list = [...list];
  }

  get all(): readonly Aborted[] {
    return this.#list;
  }

  add(aborted: Aborted): void {
    this.#list.push(aborted);
  }

  /** Those with records from `fromOffset` (inclusive) to `endOffset` (exclusive). */
  overlapping(fromOffset: number, endOffset: number): Aborted[] {
    const found: Aborted[] = [];
    if (this.#list.length === 0 || this.#list.at(-1)!.lastOffset < fromOffset) return found;
    for (let at = this.#firstEndingAt(fromOffset); at < this.#list.length; at++) {
      const one = this.#list[at]!;
      if (one.firstOffset < endOffset) found.push(one);
      if (one.stableOffset !== undefined && one.stableOffset >= endOffset) break;
    }
    return found;
  }

  has(producerId: number, offset: number): boolean {
    return this.overlapping(offset, offset + 1).some((one) => one.producerId === producerId);
  }

  /** Drops those that ended before `offset`. True when there was one. */
  forgetBefore(offset: number): boolean {
    const kept = this.#firstEndingAt(offset);
    if (kept === 0) return false;
    this.#list = this.#list.slice(kept);
    return true;
  }

  #firstEndingAt(offset: number): number {
    let low = 0;
    for (let high = this.#list.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.#list[middle]!.lastOffset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
