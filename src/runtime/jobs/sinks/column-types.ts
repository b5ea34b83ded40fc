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
import { toPlainJson } from '../../serde/index.ts';

/** What a column of one kind is called in SQL, and how values get into it. */
export interface ColumnType {
  /** As written in CREATE TABLE. */
  sql: string;
  /** Physical type of the chunks' vectors. */
  duck: DuckDBType;
}

/** Turns a decoded Avro value into DuckDB's; throws when it does not fit (the record can't be stored). */
export type Convert = (value: never) => DuckDBValue;

export interface FieldType extends ColumnType {
  convert: Convert;
}

type AvroSchema = string | AvroSchema[] | { type: AvroSchema; [property: string]: unknown };

const maxMicros = 2n ** 63n - 1n;

const field = (sql: string, duck: DuckDBType, convert: (value: never) => DuckDBValue): FieldType => ({
  sql,
  duck,
  convert,
});
const same = (value: DuckDBValue) => value;
const json = field('JSON', VARCHAR, (value: unknown) => JSON.stringify(toPlainJson(value)));
const blob = field('BLOB', BLOB, (value: Uint8Array) => blobValue(value));

const primitives: Readonly<Record<string, FieldType>> = {
  boolean: field('BOOLEAN', BOOLEAN, same),
  int: field('INTEGER', INTEGER, same),
  long: field('BIGINT', BIGINT, (value: number | bigint) => BigInt(value)),
  // Every float is exactly a double, and 21.3 stays readable in neither.
  float: field('DOUBLE', DOUBLE, same),
  double: field('DOUBLE', DOUBLE, same),
  string: field('VARCHAR', VARCHAR, same),
  enum: field('VARCHAR', VARCHAR, same),
  bytes: blob,
  fixed: blob,
  record: json,
  error: json,
  array: json,
  map: json,
  null: json,
};

const timestampMicros = (micros: bigint) => {
  if (micros > maxMicros || micros < -maxMicros) throw new Error(`timestamp ${micros} µs is out of range`);
  return new DuckDBTimestampValue(micros);
};
const timestampMillis = field('TIMESTAMP', TIMESTAMP, (ms: number | bigint) =>
  timestampMicros(BigInt(ms) * 1000n),
);
const timestampMicro = field('TIMESTAMP', TIMESTAMP, (us: number | bigint) => timestampMicros(BigInt(us)));

const logical: Readonly<Record<string, FieldType>> = {
  'timestamp-millis': timestampMillis,
  'local-timestamp-millis': timestampMillis,
  'timestamp-micros': timestampMicro,
  'local-timestamp-micros': timestampMicro,
  date: field('DATE', DATE, (days: number) => new DuckDBDateValue(days)),
  'time-millis': field('TIME', TIME, (ms: number) => new DuckDBTimeValue(BigInt(ms) * 1000n)),
  'time-micros': field('TIME', TIME, (us: number | bigint) => new DuckDBTimeValue(BigInt(us))),
};

/** Underlying types a logical type is allowed on; on any other it is ignored, as Avro demands. */
const logicalBase: Readonly<Record<string, string>> = { date: 'int', 'time-millis': 'int' };

/**
 * The column for values of an Avro schema: scalars natively, records, arrays, maps and unions of several types as JSON.
 * A union with null is the other type (every column is nullable). A name refers to a type defined earlier, in `named`.
 */
export function fieldType(schema: unknown, named: ReadonlyMap<string, unknown>): FieldType {
  if (typeof schema === 'string') {
    return primitives[schema] ?? (named.has(schema) ? fieldType(named.get(schema), new Map()) : json);
  }
  if (Array.isArray(schema)) {
    const others = schema.filter((branch) => branch !== 'null');
    return others.length === 1 ? fieldType(others[0], named) : json;
  }
  const { type, logicalType, precision, scale } = schema as Record<string, unknown>;
  if (typeof type !== 'string') return fieldType(type as AvroSchema, named);
  if (logicalType === 'decimal' && (type === 'bytes' || type === 'fixed')) {
    return decimal(Number(precision), Number(scale ?? 0));
  }
  const special = typeof logicalType === 'string' ? logical[logicalType] : undefined;
  if (special && type === (logicalBase[logicalType as string] ?? 'long')) return special;
  return fieldType(type, named);
}

/** Decimals that fit 18 digits are kept as numbers, longer ones as exact text. */
function decimal(precision: number, scale: number): FieldType {
  if (!(precision >= 1) || scale > precision) return blob;
  if (precision > 18) {
    return field('VARCHAR', VARCHAR, (bytes: Uint8Array) =>
      new DuckDBDecimalValue(unscaled(bytes), 38, scale).toString(),
    );
  }
  return field(`DECIMAL(18,${scale})`, DECIMAL(18, scale), (bytes: Uint8Array) => {
    const value = unscaled(bytes);
    if (value >= 10n ** 18n || value <= -(10n ** 18n))
      throw new Error(`decimal ${value} has more than 18 digits`);
    return new DuckDBDecimalValue(value, 18, scale);
  });
}

/** Two's complement, big-endian. */
function unscaled(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
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
export function conversion(from: FieldType, to: string): Convert | null {
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
