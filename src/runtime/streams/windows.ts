import { TopologyError } from './topology-error.ts';

/** A window's bounds, ms since the epoch. The end is not part of a time window, and part of a session and of a sliding one. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** A key together with one of its windows. */
export interface Windowed<K> extends Window {
  readonly key: K;
}

export interface TimeWindows {
  readonly kind: 'time';
  readonly sizeMs: number;
  readonly advanceMs: number;
  readonly graceMs: number;
}
export interface SlidingWindows {
  readonly kind: 'sliding';
  readonly differenceMs: number;
  readonly graceMs: number;
}
export interface SessionWindows {
  readonly kind: 'session';
  readonly gapMs: number;
  readonly graceMs: number;
}
/** Records of both sides join when the other's time is at most `beforeMs` earlier or `afterMs` later. */
export interface JoinWindows {
  readonly kind: 'join';
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number;
}

interface Grace {
  /** How long a window takes late records, in stream time, ms. Default 0. */
  graceMs?: number;
}

/** Windows side by side, aligned to the epoch. */
export const tumbling = (sizeMs: number, { graceMs = 0 }: Grace = {}): TimeWindows =>
  timeWindows(sizeMs, sizeMs, graceMs);

/** Windows of one size that begin every `advanceMs`; a record is in each that covers it. */
export const hopping = (sizeMs: number, advanceMs: number, { graceMs = 0 }: Grace = {}): TimeWindows =>
  timeWindows(sizeMs, advanceMs, graceMs);

/** A window for each set of records that lie at most so far apart. */
export function sliding(differenceMs: number, { graceMs = 0 }: Grace = {}): SlidingWindows {
  refuseUnless(isTime(differenceMs), `a sliding window's difference is ${differenceMs} ms, not 0 or more`);
  refuseNegativeGrace(graceMs);
  return { kind: 'sliding', differenceMs, graceMs };
}

/** A window grows with each record that comes at most `gapMs` away, and two that meet become one. */
export function session(gapMs: number, { graceMs = 0 }: Grace = {}): SessionWindows {
  refuseUnless(isTime(gapMs) && gapMs > 0, `a session's gap is ${gapMs} ms, not more than 0`);
  refuseNegativeGrace(graceMs);
  return { kind: 'session', gapMs, graceMs };
}

/** Records join that are at most so far apart, either way. */
export function within(
  differenceMs: number,
  options: Grace & { beforeMs?: number; afterMs?: number } = {},
): JoinWindows {
  const { graceMs = 0, beforeMs = differenceMs, afterMs = differenceMs } = options;
  refuseUnless(
    beforeMs + afterMs >= 0,
    `a join window from -${beforeMs} to ${afterMs} ms ends before it begins`,
  );
  refuseNegativeGrace(graceMs);
  return { kind: 'join', beforeMs, afterMs, graceMs };
}

/** Starts of the windows that a time is in, ascending; never negative. */
export function windowStarts({ sizeMs, advanceMs }: TimeWindows, timestamp: number): number[] {
  const starts: number[] = [];
  const first = Math.floor(Math.max(0, timestamp - sizeMs + advanceMs) / advanceMs) * advanceMs;
  for (let start = first; start <= timestamp; start += advanceMs) starts.push(start);
  return starts;
}

function timeWindows(sizeMs: number, advanceMs: number, graceMs: number): TimeWindows {
  refuseUnless(isTime(sizeMs) && sizeMs > 0, `a window's size is ${sizeMs} ms, not more than 0`);
  refuseUnless(
    isTime(advanceMs) && advanceMs > 0 && advanceMs <= sizeMs,
    `a window advances by ${advanceMs} ms, which has to be more than 0 and at most its size, ${sizeMs} ms`,
  );
  refuseNegativeGrace(graceMs);
  return { kind: 'time', sizeMs, advanceMs, graceMs };
}

const isTime = (ms: number) => Number.isSafeInteger(ms) && ms >= 0;

function refuseNegativeGrace(graceMs: number): void {
  refuseUnless(isTime(graceMs), `a grace of ${graceMs} ms is not 0 or more`);
}

function refuseUnless(fits: boolean, message: string): void {
  if (!fits) throw new TopologyError(message);
}
