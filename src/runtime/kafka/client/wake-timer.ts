import type { Clock } from '../../../shared/clock.ts';

/** One timer for many reasons: it fires at the earliest time asked for. */
export class WakeTimer {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #timer: NodeJS.Timeout | null = null;
  #atMs = 0;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  wakeIn(ms: number): void {
    const atMs = this.#clock.monotonic() + ms;
    if (this.#timer) {
      if (this.#atMs <= atMs) return;
      clearTimeout(this.#timer);
    }
    this.#atMs = atMs;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#wake();
    }, ms);
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
