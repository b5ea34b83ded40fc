import {
  BIGINT,
  BLOB,
  BOOLEAN,
  blobValue,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  TIME,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import { toPlainJson } from '../../../serde/index.ts';
import { type ColumnKind, unscaled } from '../column-kind.ts';
import type { ColumnType, Convert } from '../dialect.ts';

const maxMicros = 2n ** 63n - 1n;

const column = (sql: string, convert: (value: never) => DuckDBValue): ColumnType => ({ sql, convert });
const same = (value: DuckDBValue) => value;
const json = column('JSON', (value: unknown) => JSON.stringify(toPlainJson(value)));

const timestampMicros = (micros: bigint) => {
  if (micros > maxMicros || micros < -maxMicros) throw new Error(`timestamp ${micros} µs is out of range`);
  return new DuckDBTimestampValue(micros);
};

const types: Readonly<Record<Extract<ColumnKind, string>, ColumnType>> = {
  boolean: column('BOOLEAN', same),
  int: column('INTEGER', same),
  long: column('BIGINT', (value: number | bigint) => BigInt(value)),
  double: column('DOUBLE', same),
  text: column('VARCHAR', same),
  blob: column('BLOB', (value: Uint8Array) => blobValue(value)),
  json,
  'timestamp-millis': column('TIMESTAMP', (ms: number | bigint) => timestampMicros(BigInt(ms) * 1000n)),
  'timestamp-micros': column('TIMESTAMP', (us: number | bigint) => timestampMicros(BigInt(us))),
  date: column('DATE', (days: number) => new DuckDBDateValue(days)),
  'time-millis': column('TIME', (ms: number) => new DuckDBTimeValue(BigInt(ms) * 1000n)),
  'time-micros': column('TIME', (us: number | bigint) => new DuckDBTimeValue(BigInt(us))),
};

/** The column for values of a kind: scalars natively, what has parts as JSON. */
export function columnType(kind: ColumnKind): ColumnType {
  return typeof kind === 'string' ? types[kind] : decimal(kind);
}

/** Decimals that fit 18 digits are kept as numbers, longer ones as exact text. */
function decimal({ precision, scale }: { precision: number; scale: number }): ColumnType {
  if (precision > 18) {
    return column('VARCHAR', (bytes: Uint8Array) =>
      new DuckDBDecimalValue(unscaled(bytes), 38, scale).toString(),
    );
  }
  return column(`DECIMAL(18,${scale})`, (bytes: Uint8Array) => {
    const value = unscaled(bytes);
    if (value >= 10n ** 18n || value <= -(10n ** 18n))
      throw new Error(`decimal ${value} has more than 18 digits`);
    return new DuckDBDecimalValue(value, 18, scale);
  });
}

/** Types that a column may grow to, without loss, when a newer schema widens a field (Avro's promotions). */
const widerThan: Readonly<Record<string, readonly string[]>> = {
  INTEGER: ['BIGINT', 'DOUBLE'],
  BIGINT: ['DOUBLE'],
};

/**
 * How a value of type `from` gets into a column of type `to`; null when it can't. A BIGINT column takes an INTEGER,
 * a JSON column everything.
 */
export function conversion(from: ColumnType, to: string): Convert | null {
  if (from.sql === to) return from.convert;
  if (to === 'JSON') return json.convert;
  if (to === 'BIGINT' && from.sql === 'INTEGER') return (value: number) => BigInt(value);
  if (to === 'DOUBLE' && (from.sql === 'INTEGER' || from.sql === 'BIGINT'))
    return (value: number) => Number(value);
  return null;
}

export function canWiden(column: string, to: string): boolean {
  return widerThan[column]?.includes(to) ?? false;
}

const chunkTypes: Readonly<Record<string, DuckDBType>> = {
  BOOLEAN,
  INTEGER,
  BIGINT,
  DOUBLE,
  VARCHAR,
  JSON: VARCHAR,
  BLOB,
  TIMESTAMP,
  DATE,
  TIME,
};

/** Physical type of a column by the name it was created with. */
export function chunkType(sql: string): DuckDBType {
  const scale = /^DECIMAL\(18,(\d+)\)$/.exec(sql)?.[1];
  return scale === undefined ? chunkTypes[sql]! : DECIMAL(18, Number(scale));
}
