interface Stretch {
  /** Offset after the stretch's last record, gaps and skipped records included. */
  end: number;
  /** Records of it that are appended and not settled yet. */
  pending: number;
}

/**
 * Knows for one source partition up to where everything is acknowledged at the target, whatever the order of the
 * acknowledgements. It counts per fetched stretch, not per record: a restart repeats one stretch at most, on top of
 * what the last saved position lags behind.
 */
export class DeliveryTracker {
  #position: number;
  #stretches: Stretch[] = [];
  #pending = 0;
  #lowestFailed = Number.POSITIVE_INFINITY;

  constructor(position: number) {
    this.#position = position;
  }

  /** Every record below it is acknowledged, or needs no delivery. */
  get position(): number {
    return this.#position;
  }

  /** Offset after the last stretch that was added. */
  get end(): number {
    return this.#stretches.at(-1)?.end ?? this.#position;
  }

  get pending(): number {
    return this.#pending;
  }

  /** Offset of the first record that was given up; null when none was since the last `restart`. */
  get failedAt(): number | null {
    return this.#lowestFailed === Number.POSITIVE_INFINITY ? null : this.#lowestFailed;
  }

  /** A stretch up to `end` (exclusive) was walked and `count` of its records were appended. */
  add(end: number, count: number): void {
    this.#stretches.push({ end, pending: count });
    this.#pending += count;
    this.#advance();
  }

  /** The records with these offsets, ascending, are acknowledged. */
  acknowledge(offsets: Float64Array, count: number): void {
    this.#settle(offsets, count);
    this.#advance();
  }

  /** The records with these offsets were given up; the position stays before them until `restart`. */
  fail(offsets: Float64Array, count: number): void {
    this.#lowestFailed = Math.min(this.#lowestFailed, offsets[0] ?? this.#lowestFailed);
    this.#settle(offsets, count);
    this.#advance();
  }

  /** All that was added up to `end` came to the target at once, with a transaction. Returns how many records that were. */
  commit(end: number): number {
    let count = 0;
    for (const stretch of this.#stretches) if (stretch.end <= end) count += stretch.pending;
    this.#stretches = this.#stretches.filter((stretch) => stretch.end > end);
    this.#pending -= count;
    this.#position = Math.max(this.#position, end);
    this.#advance();
    return count;
  }

  /** Forgets what was added and is not at the target, nor will be. */
  rollBack(): void {
    this.#pending = 0;
    this.restart(this.#position);
  }

  /** Goes on from an offset. Only with nothing pending, or a late report would count for the wrong stretch. */
  restart(position: number): void {
    if (this.#pending > 0) throw new Error(`${this.#pending} records are still pending`);
    this.#position = position;
    this.#stretches = [];
    this.#lowestFailed = Number.POSITIVE_INFINITY;
  }

  #settle(offsets: Float64Array, count: number): void {
    this.#pending -= count;
    let at = 0;
    for (const stretch of this.#stretches) {
      const from = at;
      while (at < count && offsets[at]! < stretch.end) at++;
      stretch.pending -= at - from;
      if (at === count) return;
    }
  }

  #advance(): void {
    let done = 0;
    for (const stretch of this.#stretches) {
      if (stretch.pending > 0 || stretch.end > this.#lowestFailed) break;
      this.#position = stretch.end;
      done++;
    }
    if (done > 0) this.#stretches.splice(0, done);
  }
}
