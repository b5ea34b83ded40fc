import { setImmediate } from 'node:timers/promises';

/** So long work may go on before timers and sockets have their turn, ms: heartbeats are among them. */
const limitMs = 50;
/** The clock is asked once in so many records. */
const every = 256;

/** Lets the rest of the process breathe while records are worked on. */
export class Breather {
  #left = every;
  #since = performance.now();

  /** Asked for each record. */
  isDue(): boolean {
    if (--this.#left > 0) return false;
    this.#left = every;
    return performance.now() - this.#since >= limitMs;
  }

  async breathe(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}
