import type { Clock } from '../shared/clock.ts';

/** Frames a second that data alone causes, and how many more keys may cause in a burst: fewer than 15 in any second. */
const steadyPerSecond = 11;
const burst = 3;

/**
 * Decides when a view is drawn. State that changes asks for a frame and gets one when its turn comes; a key gets its frame
 * at once as long as the second has any left.
 */
export class FrameScheduler {
  readonly #draw: () => void;
  readonly #clock: Pick<Clock, 'monotonic'>;
  // The first frame of all is not ours.
  #tokens = burst - 1;
  #filledAt: number;
  #timer: NodeJS.Timeout | null = null;
  #urgent = false;
  #stopped = false;
  /** Frames drawn so far. */
  frames = 0;

  constructor(draw: () => void, clock: Pick<Clock, 'monotonic'>) {
    this.#draw = draw;
    this.#clock = clock;
    this.#filledAt = clock.monotonic();
  }

  /** Something has changed: draw before long. */
  request(): void {
    if (!this.#timer) this.#plan(false);
  }

  /** A key was pressed, or the terminal has another size: draw now. */
  now(): void {
    if (this.#timer && this.#urgent) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#plan(true);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #plan(urgent: boolean): void {
    if (this.#stopped) return;
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1000) * steadyPerSecond);
    this.#filledAt = now;
    // Data leaves a frame over for the key that may come next.
    const missing = (urgent ? 1 : 2) - this.#tokens;
    if (missing <= 0 && urgent) this.#frame();
    else {
      this.#urgent = urgent;
      this.#timer = setTimeout(
        () => {
          this.#timer = null;
          this.#plan(true);
        },
        Math.max(1, (missing / steadyPerSecond) * 1000),
      );
    }
  }

  #frame(): void {
    this.#tokens--;
    this.frames++;
    this.#draw();
  }
}
