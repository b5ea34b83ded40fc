import type { JsonValue } from '../query-request.ts';

/** A type of a column as the driver describes it. */
export interface DriverType {
  code: number;
  info?: unknown;
}

const names: Readonly<Record<number, string>> = {
  1: 'ascii',
  2: 'bigint',
  3: 'blob',
  4: 'boolean',
  5: 'counter',
  6: 'decimal',
  7: 'double',
  8: 'float',
  9: 'int',
  10: 'text',
  11: 'timestamp',
  12: 'uuid',
  13: 'text',
  14: 'varint',
  15: 'timeuuid',
  16: 'inet',
  17: 'date',
  18: 'time',
  19: 'smallint',
  20: 'tinyint',
  21: 'duration',
};

/** The type as CQL writes it. */
export function typeName({ code, info }: DriverType): string {
  if (code === 0x20) return `list<${typeName(info as DriverType)}>`;
  if (code === 0x22) return `set<${typeName(info as DriverType)}>`;
  if (code === 0x21) return `map<${(info as DriverType[]).map(typeName).join(', ')}>`;
  if (code === 0x31) return `tuple<${(info as DriverType[]).map(typeName).join(', ')}>`;
  if (code === 0x30) return (info as { name: string }).name;
  return names[code] ?? 'custom';
}

/**
 * A value of the driver's as JSON shows it: integers beyond 2^53 as strings, timestamps in ISO 8601 (UTC), blobs in base64, NaN
 * and the infinities as strings, and what JSON has no form for as Cassandra writes it.
 */
export function toJsonValue(value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'out of range' : value.toISOString();
  if (Array.isArray(value)) return value.map(toJsonValue);
  const kind = value.constructor.name;
  if (kind === 'Long' || kind === 'Integer') return number(String(value), Number.MAX_SAFE_INTEGER);
  if (kind === 'BigDecimal') return decimal(String(value));
  if (kind === 'Tuple') return (value as { values(): unknown[] }).values().map(toJsonValue);
  if (kind !== 'Object') return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toJsonValue(item)]));
}

function number(text: string, most: number): number | string {
  return Math.abs(Number(text)) <= most ? Number(text) : text;
}

/** A number only where it says exactly what the decimal said. */
function decimal(text: string): number | string {
  return text.replace(/[-.]/g, '').length <= 15 && !/e/i.test(text) ? Number(text) : text;
}
