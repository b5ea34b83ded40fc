import { DdsError } from '../../../errors/index.ts';

/** A place in the partitions of a topic. `back` counts from the end; `time` is ms since the epoch. */
export type TailPosition =
  | { kind: 'oldest' }
  | { kind: 'newest' }
  | { kind: 'offset'; offset: number }
  | { kind: 'back'; count: number }
  | { kind: 'time'; ms: number };

const words: Record<string, TailPosition['kind'] & ('oldest' | 'newest')> = {
  oldest: 'oldest',
  earliest: 'oldest',
  begin: 'oldest',
  beginning: 'oldest',
  start: 'oldest',
  newest: 'newest',
  latest: 'newest',
  end: 'newest',
  now: 'newest',
};
const unitMs: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const dateTime = /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)?)?$/;

/**
 * Reads what `--from` and `--to` take: newest, oldest (and what Kafka's tools call them), an offset, -N from the end,
 * @ms, RFC 3339, -5m, today. A date or time without a zone is local. Throws DDS_USAGE.
 *
 * @param flag names the flag in the error
 * @param now ms since the epoch
 */
export function parsePosition(text: string, flag: string, now: number): TailPosition {
  const trimmed = text.trim();
  const word = words[trimmed.toLowerCase()];
  if (word) return { kind: word };
  const day = { today: 0, yesterday: -1 }[trimmed.toLowerCase()];
  if (day !== undefined) return { kind: 'time', ms: localMidnight(now, day) };
  if (/^\d+$/.test(trimmed) && Number.isSafeInteger(Number(trimmed))) {
    return { kind: 'offset', offset: Number(trimmed) };
  }
  if (/^-\d+$/.test(trimmed) && Number.isSafeInteger(Number(trimmed))) {
    return { kind: 'back', count: -Number(trimmed) };
  }
  const stamp = /^[se]?@(\d{1,15})$/.exec(trimmed);
  if (stamp) return { kind: 'time', ms: Number(stamp[1]) };
  const ago = /^-((?:\d+(?:\.\d+)?(?:ms|[smhdw]))+)$/.exec(trimmed);
  if (ago) return { kind: 'time', ms: Math.round(now - durationMs(ago[1]!)) };
  const ms = dateTime.test(trimmed) ? parseDate(trimmed) : Number.NaN;
  if (Number.isFinite(ms)) return { kind: 'time', ms };
  throw new DdsError('DDS_USAGE', `${flag} ${text} is not a position`, {
    hint: 'Use newest, oldest, an offset, -N from the end, -5m, today, @ms or a time such as 2026-01-31T08:00:00Z.',
    details: { flag, value: text },
  });
}

function durationMs(text: string): number {
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/([\d.]+)(ms|[smhdw])/g))
    sum += Number(number) * unitMs[unit!]!;
  return sum;
}

function localMidnight(now: number, days: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

function parseDate(text: string): number {
  // A bare date would be taken for UTC, while a time without a zone is local.
  const ms = Date.parse(text.length === 10 ? `${text}T00:00` : text.toUpperCase().replace(' ', 'T'));
  if (!Number.isFinite(ms)) return ms;
  // Date.parse turns the 31st of February into the 3rd of March.
  const [, year, month, day] = /^(\d+)-(\d\d)-(\d\d)/.exec(text)!;
  const exists =
    new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  return exists ? ms : Number.NaN;
}
