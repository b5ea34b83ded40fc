import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { toPlainJson } from '../../../serde/index.ts';
import type { JsonValue } from '../query-request.ts';

/**
 * A DuckDB value as JSON shows it: integers beyond 2^53 as strings, timestamps in ISO 8601 (UTC), blobs in base64, NaN
 * and the infinities as strings, maps as lists of pairs, and what JSON has no form for as DuckDB writes it.
 */
export function toJsonValue(value: DuckDBValue): JsonValue {
  if (typeof value === 'bigint') {
    const isExact = value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
    return isExact ? Number(value) : String(value);
  }
  if (typeof value !== 'object' || value === null) return toPlainJson(value);
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return isoTime(value.micros * 1000n, String(value));
  if (value instanceof DuckDBTimestampSecondsValue) return isoTime(value.seconds * billion, String(value));
  if (value instanceof DuckDBTimestampMillisecondsValue)
    return isoTime(value.millis * 1_000_000n, String(value));
  if (value instanceof DuckDBTimestampNanosecondsValue) return isoTime(value.nanos, String(value));
  if (value instanceof DuckDBDateValue) return value.toString();
  if (value instanceof DuckDBDecimalValue) return decimal(value);
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64');
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)
    return value.items.map(toJsonValue);
  if (value instanceof DuckDBMapValue) {
    return value.entries.map((entry) => [toJsonValue(entry.key), toJsonValue(entry.value)]);
  }
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([name, item]) => [name, toJsonValue(item)]));
  }
  return String(value);
}

function decimal(value: DuckDBDecimalValue): number | string {
  const text = value.toString();
  // A number only where it says exactly what the decimal said.
  return text.replace(/[-.]/g, '').length <= 15 ? Number(text) : text;
}

const billion = 1_000_000_000n;

/** ISO 8601 with as many digits as the time has, but at least three; what is out of its range (infinity, too) as DuckDB writes it. */
function isoTime(nanos: bigint, written: string): string {
  const rest = ((nanos % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const date = new Date(Number((nanos - rest) / 1_000_000n));
  if (Number.isNaN(date.getTime())) return written;
  const iso = date.toISOString();
  if (rest === 0n) return iso;
  const digits = String(rest).padStart(6, '0').replace(/0{3}$/, '');
  return `${iso.slice(0, -1)}${digits}Z`;
}
