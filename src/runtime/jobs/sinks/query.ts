import {
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBValue,
  StatementType,
} from '@duckdb/node-api';
import { DdsError } from '../../../errors/index.ts';
import type { DuckDbStore } from './duckdb-store.ts';
import { sqlError, writes } from './query-error.ts';
import { type JsonValue, toJsonValue } from './query-values.ts';

export interface QueryRequest {
  sql: string;
  params?: readonly (string | number | boolean | null)[];
  /** Default 10000. */
  maxRows?: number;
  /** Default 30000. */
  timeoutMs?: number;
}

export interface QueryAnswer {
  columns: { name: string; type: string }[];
  rows: JsonValue[][];
  /** True when there were more rows than `maxRows`. */
  truncated: boolean;
}

/** Node has four threads for all native work: two stay for the sink's commits. */
const maxConcurrent = 2;
const maxBodyRows = 1_000_000;

const reading: ReadonlySet<StatementType> = new Set([StatementType.SELECT, StatementType.EXPLAIN]);

/** Answers reading statements while the sink writes, each on a connection and a snapshot of its own. */
export class Queries {
  readonly #store: DuckDbStore;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(store: DuckDbStore) {
    this.#store = store;
  }

  /** Throws DDS_SQL, DDS_SQL_READ_ONLY, DDS_USAGE or DDS_STORE_UNREACHABLE. The signal interrupts the statement. */
  async run(request: QueryRequest, signal: AbortSignal): Promise<QueryAnswer> {
    if (this.#running >= maxConcurrent) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      signal.throwIfAborted();
      return await this.#store.read((connection) => this.#answer(connection, request, signal));
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  async #answer(
    connection: DuckDBConnection,
    { sql, params = [], maxRows = 10_000, timeoutMs = 30_000 }: QueryRequest,
    signal: AbortSignal,
  ): Promise<QueryAnswer> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const stop = AbortSignal.any([signal, timeout]);
    const interrupt = () => connection.interrupt();
    stop.addEventListener('abort', interrupt, { once: true });
    try {
      await connection.run('BEGIN TRANSACTION READ ONLY');
      const statement = await onlyStatement(connection, sql);
      if (params.length > 0) statement.bind(params as DuckDBValue[]);
      const result = await statement.stream();
      const columns = result
        .columnNames()
        .map((name, index) => ({ name, type: String(result.columnType(index)) }));
      const rows: JsonValue[][] = [];
      while (rows.length <= maxRows && !stop.aborted) {
        const chunk = await result.fetchChunk();
        if (!chunk || chunk.rowCount === 0) break;
        for (const row of chunk.getRows()) {
          rows.push(row.map(toJsonValue));
          if (rows.length > maxRows) break;
        }
      }
      if (timeout.aborted) throw tooSlow(timeoutMs);
      signal.throwIfAborted();
      const truncated = rows.length > maxRows;
      if (truncated) rows.length = maxRows;
      return { columns, rows, truncated };
    } catch (error) {
      if (timeout.aborted) throw tooSlow(timeoutMs);
      throw sqlError(error);
    } finally {
      stop.removeEventListener('abort', interrupt);
    }
  }
}

/** The one statement that the text holds, if it only reads. */
async function onlyStatement(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  let count: number;
  let statement: DuckDBPreparedStatement;
  try {
    const extracted = await connection.extractStatements(sql);
    count = extracted.count;
    if (count > 1) {
      throw new DdsError('DDS_SQL', `${count} statements were given; one at a time is run`, {
        hint: 'Run dds query once for each statement.',
      });
    }
    statement = await extracted.prepare(0);
  } catch (error) {
    // DuckDB tells nothing of a text without a statement.
    if (error instanceof Error && /native callback/.test(error.message)) {
      throw new DdsError('DDS_SQL', 'there is no SQL statement in the text');
    }
    if (
      /file system operations are disabled/.test(String(error)) &&
      /^\s*(copy|attach|export)\b/i.test(sql)
    ) {
      throw writes(`it is a ${/[a-z]+/i.exec(sql)![0].toUpperCase()}`);
    }
    throw error;
  }
  if (!reading.has(statement.statementType))
    throw writes(`it is of type ${StatementType[statement.statementType]}`);
  return statement;
}

function tooSlow(timeoutMs: number): DdsError {
  return new DdsError('DDS_SQL', `the statement took longer than ${timeoutMs / 1000} s and was stopped`, {
    hint: 'Ask for less, or give it more time with --timeout.',
  });
}

/** Checks the body of `POST /query`. Throws DDS_USAGE. */
export function parseQueryRequest(body: unknown): QueryRequest {
  const { sql, params, maxRows, timeoutMs } = (body ?? {}) as Record<string, unknown>;
  if (typeof sql !== 'string') throw new DdsError('DDS_USAGE', 'the body needs "sql", a string');
  const scalar = (value: unknown) => value === null || ['string', 'number', 'boolean'].includes(typeof value);
  if (params !== undefined && !(Array.isArray(params) && params.every(scalar))) {
    throw new DdsError('DDS_USAGE', '"params" must be a list of strings, numbers, booleans and nulls');
  }
  return {
    sql,
    ...(params !== undefined && { params: params as NonNullable<QueryRequest['params']> }),
    ...wholeNumber('maxRows', maxRows, maxBodyRows),
    ...wholeNumber('timeoutMs', timeoutMs, 2 ** 31 - 1),
  };
}

function wholeNumber(name: string, value: unknown, most: number): Record<string, number> {
  if (value === undefined) return {};
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most) {
    throw new DdsError(
      'DDS_USAGE',
      `"${name}" must be a whole number from 1 to ${most}, not ${JSON.stringify(value)}`,
    );
  }
  return { [name]: value };
}
