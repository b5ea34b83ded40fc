import type { Clock } from '../../shared/clock.ts';

export interface Traffic {
  recordsIn: number;
  bytesIn: number;
  recordsOut: number;
  bytesOut: number;
}

const SHORTEST_WINDOW_MS = 1000;

/** Rates between two looks at the counters; a look that comes too soon gets the rates of the one before. */
export class TrafficRates {
  readonly #clock: Clock;
  #before: Traffic = { recordsIn: 0, bytesIn: 0, recordsOut: 0, bytesOut: 0 };
  #beforeMs: number;
  #rates = { recordsInPerSecond: 0, bytesInPerSecond: 0, recordsOutPerSecond: 0, bytesOutPerSecond: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beforeMs = clock.monotonic();
  }

  sample(now: Traffic) {
    const nowMs = this.#clock.monotonic();
    const elapsedMs = nowMs - this.#beforeMs;
    if (elapsedMs < SHORTEST_WINDOW_MS) return this.#rates;
    const rate = (counter: keyof Traffic) =>
      Math.round(((now[counter] - this.#before[counter]) * 1000) / elapsedMs);
    this.#rates = {
      recordsInPerSecond: rate('recordsIn'),
      bytesInPerSecond: rate('bytesIn'),
      recordsOutPerSecond: rate('recordsOut'),
      bytesOutPerSecond: rate('bytesOut'),
    };
    this.#before = { ...now };
    this.#beforeMs = nowMs;
    return this.#rates;
  }
}
