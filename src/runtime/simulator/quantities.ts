import { DdsError } from '../../errors/index.ts';

function refuse(flag: string, text: string, allowed: string): DdsError {
  return new DdsError('DDS_USAGE', `${flag} ${text} is not allowed: ${allowed}`, {
    details: { flag, value: text },
  });
}

const scales: Record<string, number> = { '': 1, k: 1e3, m: 1e6 };
const perSecond: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600 };

/**
 * Messages per second of the whole fleet: `250`, `0.5`, `10k`, `10k/s`, `600k/m`, `1m/h`; `max` is Infinity.
 * Throws DDS_USAGE.
 */
export function parseRate(text: string, flag = '--rate'): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d+)?|\.\d+)([km]?)(?:\/([smh]))?$/i.exec(text.trim());
  const rate = match
    ? (Number(match[1]) * scales[(match[2] ?? '').toLowerCase()]!) /
      perSecond[(match[3] ?? '').toLowerCase()]!
    : 0;
  if (!(rate > 0)) throw refuse(flag, text, 'give messages per second as 250, 10k, 600k/m or max');
  return rate;
}

const milliseconds: Record<string, number> = {
  ms: 1,
  '': 1000,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A length of time in ms: `500ms`, `5s`, `1.5m`, `2h`; a bare number is seconds. Throws DDS_USAGE. */
export function parseDuration(text: string, flag = '--duration'): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h|d)?$/.exec(text.trim());
  const length = match ? Number(match[1]) * milliseconds[match[2] ?? '']! : 0;
  if (!(length > 0)) throw refuse(flag, text, 'give a time such as 500ms, 30s, 5m or 2h');
  return length;
}

/** A whole number from `least`: `100`, `10k`, `1m`. Throws DDS_USAGE. */
export function parseWhole(text: string, flag: string, least = 1, most = Number.MAX_SAFE_INTEGER): number {
  const match = /^(\d+(?:\.\d+)?)([km]?)$/i.exec(text.trim());
  const value = match ? Number(match[1]) * scales[(match[2] ?? '').toLowerCase()]! : Number.NaN;
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw refuse(flag, text, `give a whole number ${range}`);
  }
  return value;
}

/** A number with an optional fraction, exponent and sign. Throws DDS_USAGE. */
export function parseDecimal(text: string, flag: string, least = Number.NEGATIVE_INFINITY): number {
  const value = decimal(text);
  if (value === null || value < least) {
    throw refuse(flag, text, least === 0 ? 'give a number from 0' : 'give a number such as 20 or -3.5');
  }
  return value;
}

/** How many times faster than recorded: `60x`, `60`, `0.5x`; `max` is Infinity. Throws DDS_USAGE. */
export function parseSpeed(text: string, flag = '--speed'): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d+)?|\.\d+)x?$/i.exec(text.trim());
  const speed = match ? Number(match[1]) : 0;
  if (!(speed > 0)) throw refuse(flag, text, 'give a factor such as 1x, 60x or max');
  return speed;
}

/** The number a text stands for, or null; unlike Number() it takes no empty text, no hex and no Infinity. */
export function decimal(text: string): number | null {
  const trimmed = text.trim();
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return null;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : null;
}
