/** How long to wait before a crashed service is started again: 0.1 s, doubling up to 5 s. */
export class Backoff {
  static readonly firstMs = 100;
  static readonly longestMs = 5_000;
  /** A service that was ready for this long has recovered. */
  static readonly healthyMs = 30_000;

  #failures = 0;

  /** Delay in ms before the next start, given how long the service was ready before it ended. */
  next(readyForMs: number): number {
    if (readyForMs >= Backoff.healthyMs) this.#failures = 0;
    const delay = Backoff.firstMs * 2 ** this.#failures;
    this.#failures = Math.min(this.#failures + 1, 16);
    return Math.min(delay, Backoff.longestMs);
  }
}
