import { toPlainJson } from '../../../serde/index.ts';
import type { ColumnKind } from '../column-kind.ts';
import type { ColumnType, Convert } from '../dialect.ts';
import {
  bytesOfBoolean,
  bytesOfDate,
  bytesOfDecimal,
  bytesOfDouble,
  bytesOfInt,
  bytesOfLong,
  bytesOfText,
} from './encode.ts';

const dayMicros = 86_400_000_000;

const column = (sql: string, convert: (value: never) => Buffer): ColumnType => ({ sql, convert });

const types: Readonly<Record<Extract<ColumnKind, string>, ColumnType>> = {
  boolean: column('boolean', bytesOfBoolean),
  int: column('int', bytesOfInt),
  long: column('bigint', bytesOfLong),
  double: column('double', bytesOfDouble),
  text: column('text', bytesOfText),
  blob: column('blob', (value: Uint8Array) => Buffer.from(value)),
  json: column('text', (value: unknown) => bytesOfText(JSON.stringify(toPlainJson(value)))),
  'timestamp-millis': column('timestamp', bytesOfLong),
  // Cassandra's own timestamps have milliseconds only.
  'timestamp-micros': column('bigint', bytesOfLong),
  date: column('date', bytesOfDate),
  'time-millis': column('time', (ms: number) => time(ms * 1000)),
  'time-micros': column('time', (us: number | bigint) => time(Number(us))),
};

/** The column for values of a kind: scalars natively, what has parts as JSON text. */
export function columnType(kind: ColumnKind): ColumnType {
  if (typeof kind === 'string') return types[kind];
  return column('decimal', (bytes: Uint8Array) => bytesOfDecimal(bytes, kind.scale));
}

function time(micros: number): Buffer {
  if (!(micros >= 0 && micros < dayMicros)) throw new Error(`${micros} µs is not a time of a day`);
  return bytesOfLong(micros * 1000);
}

/** How a value of type `from` gets into a column of type `to`; null when it can't. */
export function conversion(from: ColumnType, to: string): Convert | null {
  if (from.sql === to) return from.convert;
  if (to === 'bigint' && from.sql === 'int') return bytesOfLong;
  if (to === 'double' && (from.sql === 'int' || from.sql === 'bigint'))
    return (value: number | bigint) => bytesOfDouble(Number(value));
  return null;
}

/** Whether values of a column are values of the other type, too (Avro's promotions). */
export function isWider(column: string, to: string): boolean {
  return (
    (column === 'int' && (to === 'bigint' || to === 'double')) || (column === 'bigint' && to === 'double')
  );
}
