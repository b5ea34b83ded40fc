import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** Time as a collaborator, so that a test can hold it still. */
export interface Clock {
  /** Wall-clock time, ms since the epoch. May jump. */
  now(): number;
  /** Monotonic time in ms with sub-ms resolution, from an arbitrary origin. Never goes back. */
  monotonic(): number;
  /** Resolves after `ms`; resolves early, without an error, when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    if (signal?.aborted) return;
    await delay(ms, undefined, signal ? { signal } : {}).catch(() => undefined);
  },
};
