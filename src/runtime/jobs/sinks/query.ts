import { DdsError } from '../../../errors/index.ts';
import type { CountRequest, QueryAnswer, QueryRequest } from './query-request.ts';
import type { SinkStore, WriteLine } from './store.ts';
import type { StoredTables, TableCount } from './stored-tables.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Node has four threads for all native work: two stay for the sink's commits. */
const maxConcurrent = 2;
const tablesTimeoutMs = 30_000;

/** Answers reading statements while the sink writes, each on a connection and a snapshot of its own. */
export class Queries {
  readonly #store: SinkStore;
  #running = 0;
  readonly #waiting = new Set<() => void>();

  constructor(store: SinkStore) {
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
    await this.#within(request.timeoutMs, signal, (stop) => this.#store.query(request, stop, write));
  }

  /** Throws DDS_SQL, DDS_SQL_TIMEOUT or DDS_STORE_UNREACHABLE. */
  count({ table, distinct, timeoutMs }: CountRequest, signal: AbortSignal): Promise<TableCount> {
    return this.#within(timeoutMs, signal, (stop) => this.#store.count(table, distinct, stop));
  }

  /** Throws DDS_SQL_TIMEOUT or DDS_STORE_UNREACHABLE. */
  tables(signal: AbortSignal): Promise<StoredTables> {
    return this.#within(tablesTimeoutMs, signal, (stop) => this.#store.describe(stop));
  }

  async #within<T>(
    timeoutMs: number,
    signal: AbortSignal,
    work: (stop: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const stop = AbortSignal.any([signal, timeout]);
    try {
      await this.#turn(stop);
      try {
        return await work(stop);
      } finally {
        this.#release();
      }
    } catch (error) {
      if (signal.aborted) throw new DdsError('DDS_STORE_UNREACHABLE', 'the statement was given up');
      if (timeout.aborted) throw tooSlow(timeoutMs);
      throw this.#store.queryError(error);
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

function tooSlow(timeoutMs: number): DdsError {
  return new DdsError(
    'DDS_SQL_TIMEOUT',
    `the statement took longer than ${timeoutMs / 1000} s and was stopped`,
  );
}
