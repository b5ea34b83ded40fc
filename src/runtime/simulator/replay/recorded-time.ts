import { decimal } from '../quantities.ts';

const isoTime =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** The furthest from the epoch that a Date can be. */
const furthestMs = 8.64e15;
/** Numbers below are seconds since the epoch (until the year 5138), others milliseconds. */
const secondsBelow = 1e11;

/**
 * A recorded time in whole ms since the epoch; null when the text is none. Takes ISO 8601 (a date alone is midnight,
 * a time without an offset is UTC) and seconds or milliseconds since the epoch.
 */
export function parseRecordedTime(text: string): number | null {
  const trimmed = text.trim();
  const number = decimal(trimmed);
  if (number !== null) {
    const time = Math.round(Math.abs(number) < secondsBelow ? number * 1000 : number);
    return Math.abs(time) <= furthestMs ? time : null;
  }
  const match = isoTime.exec(trimmed);
  if (!match) return null;
  const [, date, minutes = '00:00', seconds = '00', fraction = '', offset = 'Z'] = match;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // JavaScript takes February 30th for March 1st.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date!)) return null;
  const zone = /^[zZ]$/.test(offset)
    ? 'Z'
    : `${offset.slice(0, 3)}:${offset.slice(3).replace(':', '') || '00'}`;
  const millis = fraction.slice(0, 3).padEnd(3, '0');
  const time = Date.parse(`${date}T${minutes}:${seconds}.${millis}${zone}`);
  return Number.isNaN(time) ? null : time;
}
