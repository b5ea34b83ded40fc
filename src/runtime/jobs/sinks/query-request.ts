import { DdsError } from '../../../errors/index.ts';
import type { PlainJson } from '../../serde/index.ts';

export type JsonValue = PlainJson;

/** A value for a parameter; an integer beyond 2^53 is `{"bigint": "9007199254740993"}`. */
export type QueryParam = string | number | boolean | null | { bigint: string };

export interface QueryRequest {
  sql: string;
  /** A list for `?` and `$1`, an object for `$name`. */
  params: readonly QueryParam[] | Readonly<Record<string, QueryParam>>;
  /** Most rows to answer; 0 for all. */
  maxRows: number;
  /** From the request's arrival to its last row, ms. */
  timeoutMs: number;
}

export interface QueryColumn {
  name: string;
  /** As the database writes it: `BIGINT`, `DECIMAL(18,3)`, `STRUCT(a INTEGER)`; `bigint`, `list<int>` in Cassandra. */
  type: string;
}

/** One line of a streamed answer: the columns, then rows, then how it ended. */
export type QueryLine =
  | { columns: QueryColumn[] }
  | { rows: JsonValue[][] }
  /** True when there were more rows than `maxRows`. */
  | { truncated: boolean };

export interface QueryAnswer {
  columns: QueryColumn[];
  rows: JsonValue[][];
  truncated: boolean;
}

export interface CountRequest {
  table: string;
  /** Columns; rows that differ in them are counted, too. */
  distinct: readonly string[];
  timeoutMs: number;
}

/** Checks the body of `POST /count`. Throws DDS_USAGE. */
export function parseCountRequest(body: unknown): CountRequest {
  const { table, distinct = [], timeoutMs } = (body ?? {}) as Record<string, unknown>;
  if (typeof table !== 'string') throw new DdsError('DDS_USAGE', 'the body needs "table", a string');
  if (!Array.isArray(distinct) || !distinct.every((name) => typeof name === 'string')) {
    throw new DdsError('DDS_USAGE', '"distinct" must be a list of columns');
  }
  return { table, distinct, timeoutMs: wholeNumber('timeoutMs', timeoutMs, 30_000, 1, 2 ** 31 - 1) };
}

const maxBodyRows = 1_000_000;

/** Checks the body of `POST /query` and, with `leastRows` 0, of `POST /query/stream`. Throws DDS_USAGE. */
export function parseQueryRequest(body: unknown, leastRows = 1): QueryRequest {
  const { sql, params = [], maxRows, timeoutMs } = (body ?? {}) as Record<string, unknown>;
  if (typeof sql !== 'string') throw new DdsError('DDS_USAGE', 'the body needs "sql", a string');
  if (typeof params !== 'object' || params === null || !Object.values(params).every(isParam)) {
    throw new DdsError(
      'DDS_USAGE',
      '"params" must be a list or an object of strings, numbers, booleans and nulls',
    );
  }
  const mostRows = leastRows === 0 ? Number.MAX_SAFE_INTEGER : maxBodyRows;
  return {
    sql,
    params: params as QueryRequest['params'],
    maxRows: wholeNumber('maxRows', maxRows, 10_000, leastRows, mostRows),
    timeoutMs: wholeNumber('timeoutMs', timeoutMs, 30_000, 1, 2 ** 31 - 1),
  };
}

function isParam(value: unknown): boolean {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return true;
  const { bigint } = value as { bigint?: unknown };
  return typeof bigint === 'string' && /^-?\d{1,38}$/.test(bigint);
}

function wholeNumber(name: string, value: unknown, standard: number, least: number, most: number): number {
  if (value === undefined) return standard;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new DdsError(
      'DDS_USAGE',
      `"${name}" must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`,
    );
  }
  return value;
}
