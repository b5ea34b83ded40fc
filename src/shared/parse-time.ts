import { DdsError } from '../errors/index.ts';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const spelt = /^(\d+(?:\.\d+)?)(ms|[smhd])$/;

/** `500ms`, `2s`, `5m`, `1h`, `7d` → ms. Throws DDS_USAGE for anything else, and for nothing at all. */
export function parseTime(text: string, flag: string): number {
  const [, count, unit] = spelt.exec(text.trim()) ?? [];
  const ms = Number(count) * (unitMs[unit ?? ''] ?? Number.NaN);
  if (ms > 0) return ms;
  throw new DdsError('DDS_USAGE', `${flag} ${text} is not a time`, {
    hint: 'Write it like 500ms, 30s, 5m, 1h or 7d.',
  });
}

/** `5m` ago, or a time such as 2026-01-31T08:00:00Z → ms since the epoch. Throws DDS_USAGE. */
export function parseSince(text: string, flag: string, now: number): number {
  if (spelt.test(text.trim())) return now - parseTime(text, flag);
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new DdsError('DDS_USAGE', `${flag} ${text} is not a time`, {
    hint: 'Write it like 5m, 2h or 2026-01-31T08:00:00Z.',
  });
}
