import type { DuckDBConnection } from '@duckdb/node-api';
import { DdsError } from '../../../errors/index.ts';
import type { DuckDbStore } from './duckdb-store.ts';
import { sqlError } from './query-error.ts';
import type { QueryAnswer, QueryLine, QueryRequest } from './query-request.ts';
import { readingStatement } from './query-statement.ts';
import { type JsonValue, toJsonValue } from './query-values.ts';

/** Node has four threads for all native work: two stay for the sink's commits. */
const maxConcurrent = 2;

/** Takes one line of an answer; resolves when it can take the next. */
type WriteLine = (line: QueryLine) => Promise<void> | undefined;

/** Answers reading statements while the sink writes, each on a connection and a snapshot of its own. */
export class Queries {
  readonly #store: DuckDbStore;
  #running = 0;
  readonly #waiting = new Set<() => void>();

  constructor(store: DuckDbStore) {
    this.#store = store;
  }

  /** The whole answer at once: for few rows. Throws as `stream` does. */
  async run(request: QueryRequest, signal: AbortSignal): Promise<QueryAnswer> {
    const answer: QueryAnswer = { columns: [], rows: [], truncated: false };
    await this.stream(request, signal, (line) => {
      if ('rows' in line) for (const row of line.rows) answer.rows.push(row);
      else Object.assign(answer, line);
      return undefined;
    });
    return answer;
  }

  /**
   * The answer line by line, as fast as they are taken. The signal interrupts the statement. Throws DDS_SQL,
   * DDS_SQL_READ_ONLY, DDS_SQL_TIMEOUT or DDS_STORE_UNREACHABLE.
   */
  async stream(request: QueryRequest, signal: AbortSignal, write: WriteLine): Promise<void> {
    const timeout = AbortSignal.timeout(request.timeoutMs);
    const stop = AbortSignal.any([signal, timeout]);
    try {
      await this.#turn(stop);
      try {
        await this.#store.read((connection, closing) =>
          answer(connection, request, AbortSignal.any([stop, closing]), write),
        );
      } finally {
        this.#release();
      }
    } catch (error) {
      if (signal.aborted) throw new DdsError('DDS_STORE_UNREACHABLE', 'the statement was given up');
      if (timeout.aborted) throw tooSlow(request.timeoutMs);
      throw sqlError(error);
    }
  }

  /** Resolves when fewer than the most statements are running. */
  async #turn(stop: AbortSignal): Promise<void> {
    stop.throwIfAborted();
    if (this.#running < maxConcurrent) {
      this.#running++;
      return;
    }
    let next = () => undefined as undefined;
    const turn = new Promise<void>((resolve) => {
      next = () => void resolve();
      this.#waiting.add(next);
    });
    try {
      await unlessAborted(turn, stop);
    } catch (error) {
      // It may have been our turn in the same moment: then it is the next one's.
      if (!this.#waiting.delete(next)) this.#release();
      throw error;
    }
  }

  /** Hands the place on to the one that waits longest. */
  #release(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#running--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

async function answer(
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
function interruptOnAbort(connection: DuckDBConnection, stop: AbortSignal): () => void {
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

/** A reader that stands still must not hold up the end of the statement. */
async function unlessAborted(promise: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!promise) return;
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function tooSlow(timeoutMs: number): DdsError {
  return new DdsError(
    'DDS_SQL_TIMEOUT',
    `the statement took longer than ${timeoutMs / 1000} s and was stopped`,
  );
}
