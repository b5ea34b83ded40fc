/** When each message is due, computed from its number alone, so that no error adds up. Times are ms after the start. */
export interface Schedule {
  /** Number of messages; Infinity when only a signal ends the run. */
  readonly total: number;
  /** Messages per second asked for, on average; Infinity when there is no pace. */
  readonly rate: number;
  /** False: every message is due when it is sent. */
  readonly paced: boolean;
  /** When message i is due; never less than that of i - 1. */
  dueMs(i: number): number;
  /** How many messages are due at or before a time. */
  dueBy(elapsedMs: number): number;
}

/** Message i at i/rate, up to a count or the end of a duration, whichever comes first. */
export function constantSchedule(
  rate: number,
  limit: { count?: number; durationMs?: number } = {},
): Schedule {
  const perMs = rate / 1000;
  // The epsilon keeps 0.1 × 30 from being one message more than 3.
  const inTime = limit.durationMs === undefined ? Infinity : Math.ceil(perMs * limit.durationMs - 1e-6);
  const total = Math.min(limit.count ?? Infinity, inTime);
  return {
    total,
    rate,
    paced: true,
    dueMs: (i) => i / perMs,
    dueBy: (elapsedMs) => (elapsedMs < 0 ? 0 : Math.min(total, Math.floor(elapsedMs * perMs) + 1)),
  };
}

/** No pace at all: as fast as the other side takes them. */
export function unpacedSchedule(count = Infinity): Schedule {
  return { total: count, rate: Infinity, paced: false, dueMs: () => 0, dueBy: () => count };
}

/**
 * The distances of recorded times, `speed` times faster.
 * @param times ms, in rising order
 */
export function recordedSchedule(times: Float64Array, speed: number, total = times.length): Schedule {
  const first = times[0] ?? 0;
  const dueMs = (i: number) => ((times[Math.min(i, times.length - 1)] ?? 0) - first) / speed;
  const spanMs = total > 0 ? dueMs(total - 1) : 0;
  return {
    total,
    rate: spanMs > 0 ? (total / spanMs) * 1000 : Infinity,
    paced: spanMs > 0,
    dueMs,
    dueBy(elapsedMs) {
      let low = 0;
      let high = total;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (dueMs(middle) <= elapsedMs) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}
