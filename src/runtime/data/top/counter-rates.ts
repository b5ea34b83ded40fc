/** Growth of counters between two looks, per second. */
export class CounterRates {
  #before = new Map<string, { value: number; atMs: number }>();
  #now = new Map<string, { value: number; atMs: number }>();

  /** Begins a look: what is not asked for in it is forgotten. */
  look(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  /**
   * To a tenth. Null at the first look at a counter, after it went back (its process is another one), and where it is no number.
   * @param atMs monotonic
   */
  perSecond(counter: string, value: unknown, atMs: number): number | null {
    if (typeof value !== 'number') return null;
    this.#now.set(counter, { value, atMs });
    const before = this.#before.get(counter);
    if (!before || value < before.value || atMs <= before.atMs) return null;
    return Math.round(((value - before.value) * 10_000) / (atMs - before.atMs)) / 10;
  }
}
