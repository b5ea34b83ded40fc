/** How far back the counts go. */
export const historySeconds = 60;
/** A rate is the mean over so many whole seconds. */
const rateSeconds = 3;

/** Counts by second, for the last minute. Seconds are of a monotonic clock. */
export class SecondCounts {
  readonly #counts = new Float64Array(historySeconds + 1);
  #second = 0;
  #startedAt: number;

  /** @param nowMs monotonic */
  constructor(nowMs: number) {
    this.#startedAt = Math.floor(nowMs / 1000);
    this.#second = this.#startedAt;
  }

  add(count: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#counts[this.#second % this.#counts.length]! += count;
  }

  /** A second, over the last whole seconds. */
  rate(nowMs: number): number {
    this.#advance(nowMs);
    const seconds = Math.min(rateSeconds, Math.max(1, this.#second - this.#startedAt));
    let sum = 0;
    for (let back = 1; back <= seconds; back++) sum += this.#back(back);
    return sum / seconds;
  }

  /** The last 60 whole seconds, oldest first. */
  history(nowMs: number): number[] {
    this.#advance(nowMs);
    return Array.from({ length: historySeconds }, (_, at) => this.#back(historySeconds - at));
  }

  #back(seconds: number): number {
    const { length } = this.#counts;
    return this.#counts[(this.#second - seconds + 2 * length) % length]!;
  }

  #advance(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second - this.#second > historySeconds) this.#counts.fill(0);
    else {
      for (let next = this.#second + 1; next <= second; next++) this.#counts[next % this.#counts.length] = 0;
    }
    this.#second = Math.max(this.#second, second);
  }
}
