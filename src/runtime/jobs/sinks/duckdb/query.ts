import type { DuckDBConnection } from '@duckdb/node-api';
import type { JsonValue, QueryLine, QueryRequest } from '../query-request.ts';
import type { WriteLine } from '../store.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { readingStatement } from './query-statement.ts';
import { toJsonValue } from './query-values.ts';

/** Runs a reading statement in a snapshot of its own, and writes its answer line by line. */
export async function answer(
  connection: DuckDBConnection,
  request: QueryRequest,
  stop: AbortSignal,
  write: WriteLine,
): Promise<void> {
  const release = interruptOnAbort(connection, stop);
  const send = (line: QueryLine) => unlessAborted(write(line), stop);
  try {
    await connection.run('BEGIN TRANSACTION READ ONLY');
    const statement = await readingStatement(connection, request);
    stop.throwIfAborted();
    const result = await statement.stream();
    stop.throwIfAborted();
    const columns = result.columnNames().map((name, index) => {
      const type = result.columnType(index);
      return { name, type: type.alias ?? String(type) };
    });
    await send({ columns });
    let left = request.maxRows === 0 ? Number.POSITIVE_INFINITY : request.maxRows;
    for (;;) {
      const chunk = await result.fetchChunk();
      stop.throwIfAborted();
      if (!chunk || chunk.rowCount === 0) break;
      const rows: JsonValue[][] = chunk.getRows().map((row) => row.map(toJsonValue));
      if (left > 0) await send({ rows: rows.length > left ? rows.slice(0, left) : rows });
      left -= rows.length;
      if (left < 0) break;
    }
    await send({ truncated: left < 0 });
  } catch (error) {
    // DuckDB only knows that it was interrupted.
    stop.throwIfAborted();
    throw error;
  } finally {
    release();
  }
}

/** Until released. Again and again, for DuckDB forgets an interrupt that comes before a statement has begun. */
export function interruptOnAbort(connection: DuckDBConnection, stop: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    timer = setTimeout(interrupt, 20);
  };
  if (stop.aborted) interrupt();
  else stop.addEventListener('abort', interrupt, { once: true });
  return () => {
    clearTimeout(timer);
    stop.removeEventListener('abort', interrupt);
  };
}
