import type { Clock } from '../../shared/clock.ts';
import type { Schedule } from './schedule.ts';

/** After a stall: at most twice the pace until it has caught up, everything at once, or leave out what is late. */
export type CatchUp = '2x' | 'burst' | 'drop';

/** A message that is later than this was not sent at its time (and a run with 1 % of such is not valid). */
export const punctualMs = 10;

/** A sleep is never longer, so that the bound of the in-flight messages is looked at again. */
const longestSleepMs = 1000;
/** Work without a look at the event loop; the acknowledgements want to be heard, too. */
const longestDrainMs = 5;

export interface PacerOptions {
  schedule: Schedule;
  clock: Clock;
  catchUp?: CatchUp;
  /** Due messages that are not sent by then are left out, ms after the start. Default never. */
  endMs?: number;
  /** True while one more message may be under way. Default always. */
  hasRoom?(): boolean;
  /** Sends message i without waiting. Times are `clock.monotonic()`: when it was due, and now. */
  send(i: number, intendedMs: number, nowMs: number): void;
}

/**
 * Sends messages at the times of a schedule that nothing shifts: neither acknowledgements nor a stall of this process
 * nor the bound of the in-flight messages. About every millisecond everything that is due goes out.
 */
export class Pacer {
  readonly #options: PacerOptions;
  readonly #catchUp: CatchUp;
  #startMs = 0;
  /** Messages due up to here, ms after the start, may go out: it lags behind the time while it catches up. */
  #releasedMs = 0;
  #lastDrainMs = 0;
  /** How long we meant to sleep before this drain. */
  #pauseMs = 0;
  #next = 0;
  /** Messages below this number are in `overrun` if they were late for lack of room. */
  #overrunTo = 0;

  sent = 0;
  /** Messages that could not go out at their time because too many were under way. */
  overrun = 0;
  /** Messages left out because they were late (`catchUp: 'drop'`). */
  dropped = 0;
  /** From the start to the end of the run, ms. */
  elapsedMs = 0;

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#catchUp = options.catchUp ?? '2x';
  }

  /** `clock.monotonic()` at which message 0 was due. */
  get startMs(): number {
    return this.#startMs;
  }

  /** Messages that are due and neither sent nor dropped. */
  get behind(): number {
    const { schedule } = this.#options;
    return schedule.paced ? Math.max(0, schedule.dueBy(this.elapsedMs) - this.#next) : 0;
  }

  /** Resolves when the last message is sent, at `endMs`, or when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { schedule, clock, endMs = Number.POSITIVE_INFINITY } = this.#options;
    this.#startMs = clock.monotonic();
    while (!signal.aborted && this.#next < schedule.total && this.elapsedMs < endMs) {
      this.elapsedMs = clock.monotonic() - this.#startMs;
      this.#release();
      this.#drain();
      if (this.#next >= schedule.total) break;
      this.#pauseMs = this.#untilNext(endMs);
      await clock.sleep(this.#pauseMs, signal);
    }
    this.elapsedMs = clock.monotonic() - this.#startMs;
  }

  #release(): void {
    const { schedule } = this.#options;
    const elapsed = this.elapsedMs;
    const last = this.#lastDrainMs;
    // Only so much of an unwanted pause counts: else a long stall would be over at one stroke.
    const stallMs = Math.min(Math.max(0, elapsed - last - this.#pauseMs), punctualMs);
    const stepMs = (this.#releasedMs < last ? 2 : 1) * this.#pauseMs + 2 * stallMs;
    this.#lastDrainMs = elapsed;
    if (this.#catchUp === '2x') {
      this.#releasedMs = Math.min(elapsed, this.#releasedMs + stepMs);
      return;
    }
    this.#releasedMs = elapsed;
    if (this.#catchUp === 'drop' && schedule.paced) {
      const inTime = schedule.dueBy(elapsed - punctualMs);
      if (inTime > this.#next) {
        this.dropped += inTime - this.#next;
        this.#next = inTime;
      }
    }
  }

  #drain(): void {
    const { schedule, clock, send, hasRoom } = this.#options;
    const start = this.#startMs;
    const stopMs = clock.monotonic() + longestDrainMs;
    while (this.#next < schedule.total) {
      const dueMs = schedule.dueMs(this.#next);
      if (schedule.paced && dueMs > this.#releasedMs) return;
      if (hasRoom && !hasRoom()) {
        this.#blocked(dueMs);
        return;
      }
      const now = clock.monotonic();
      if (now > stopMs) return;
      send(this.#next, schedule.paced ? start + dueMs : now, now);
      this.#next++;
      this.sent++;
    }
  }

  #blocked(dueMs: number): void {
    const { schedule } = this.#options;
    if (!schedule.paced) return;
    const due = schedule.dueBy(this.elapsedMs);
    this.overrun += due - Math.min(due, Math.max(this.#next, this.#overrunTo));
    this.#overrunTo = Math.max(this.#overrunTo, due);
    this.#releasedMs = dueMs;
  }

  #untilNext(endMs: number): number {
    const { schedule } = this.#options;
    const until = Math.min(schedule.paced ? schedule.dueMs(this.#next) : 0, endMs) - this.elapsedMs;
    return Math.min(longestSleepMs, Math.max(1, until));
  }
}
