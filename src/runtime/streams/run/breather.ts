import { setImmediate } from 'node:timers/promises';

/** So long work may go on before timers and sockets have their turn, ms: heartbeats are among them. */
const limitMs = 50;
/** The clock is asked once in so many records. */
const every = 256;

/** Lets the rest of the process breathe while records are worked on. */
export class Breather {
  readonly #afterwards: () => Promise<void>;
  #left = every;
  #since = performance.now();

  /** @param afterwards what has its turn then, too */
  constructor(afterwards: () => Promise<void>) {
    this.#afterwards = afterwards;
  }

  /** Asked for each record. `wasLong`: it may have taken any time, so that the clock is asked at once. */
  isDue(wasLong: boolean): boolean {
    if (--this.#left > 0 && !wasLong) return false;
    this.#left = every;
    return performance.now() - this.#since >= limitMs;
  }

  async breathe(): Promise<void> {
    await setImmediate();
    await this.#afterwards();
    this.#since = performance.now();
  }
}
