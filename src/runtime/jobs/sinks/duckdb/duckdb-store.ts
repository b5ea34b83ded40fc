import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { WriterSchema } from '../../../serde/index.ts';
import { Progress } from '../progress.ts';
import type { QueryRequest } from '../query-request.ts';
import { recordSchema } from '../record-schema.ts';
import type { SinkStore, StoreInfo, WriteLine } from '../store.ts';
import type { StoredTables, TableCount } from '../stored-tables.ts';
import { tableName } from '../table-names.ts';
import { type TableColumn, type TableMode, TopicTable } from '../topic-table.ts';
import { createOwnTables, openDuckDb, storeError } from './database-file.ts';
import { duckDbDialect } from './dialect.ts';
import { PositionJournals } from './position-journals.ts';
import { answer } from './query.ts';
import { sqlError } from './query-error.ts';
import { countRows, describeTables } from './stored-tables.ts';
import { TableAppender } from './table-appender.ts';

/**
 * The sink's database. Rows and positions go into one transaction (`begin`, `appender`, `commit`), so that whatever is
 * killed, the positions tell exactly which rows are there. One writer; queries have connections of their own.
 */
export class DuckDbStore implements SinkStore {
  readonly path: string;
  readonly progress = new Progress();
  readonly #journals = new PositionJournals(this.progress);
  readonly #tables = new Map<string, TopicTable>();
  readonly #open = new Map<string, TableAppender>();
  #instance: DuckDBInstance | null = null;
  #connection: DuckDBConnection | null = null;
  readonly #reading = new Set<Promise<unknown>>();
  #closing = new AbortController();
  #inTransaction = false;

  constructor(path: string) {
    this.path = path;
  }

  get info(): StoreInfo {
    return { kind: 'duckdb', path: this.path };
  }

  async open(): Promise<void> {
    await this.close();
    const instance = await openDuckDb(this.path);
    this.#instance = instance;
    this.#closing = new AbortController();
    try {
      this.#connection = await instance.connect();
      await createOwnTables(this.#connection);
      await this.#load();
    } catch (cause) {
      await this.close();
      throw storeError(this.path, cause);
    }
  }

  /** Tells those who read to stop, and waits for them: two databases on one file in one process would destroy it. */
  async close(): Promise<void> {
    const instance = this.#instance;
    this.#instance = null;
    this.#open.clear();
    this.#inTransaction = false;
    this.#closing.abort(storeError(this.path, new Error('it is being closed')));
    await Promise.allSettled(this.#reading);
    this.#connection?.closeSync();
    this.#connection = null;
    instance?.closeSync();
  }

  /**
   * Calls back with a connection of its own, to be given up when the signal aborts. Throws DDS_STORE_UNREACHABLE while
   * the database is closed.
   */
  async read<T>(use: Use<T>): Promise<T> {
    if (!this.#instance) throw storeError(this.path, new Error('it is closed'));
    const reading = readOn(this.#instance, use, this.#closing.signal);
    this.#reading.add(reading);
    try {
      return await reading;
    } finally {
      this.#reading.delete(reading);
    }
  }

  get tables(): ReadonlyMap<string, TopicTable> {
    return this.#tables;
  }

  table(topic: string, mode: TableMode): TopicTable {
    const known = this.#tables.get(topic);
    if (known) return known;
    const taken = new Set([...this.#tables.values()].map((table) => table.name.toLowerCase()));
    const table = new TopicTable(topic, tableName(topic, taken), mode, []);
    this.#tables.set(topic, table);
    return table;
  }

  async learn(table: TopicTable, writer: WriterSchema, references: readonly string[]): Promise<void> {
    const text = writer.registered?.schema;
    const schema = writer.error === null ? recordSchema(text!, references) : { fields: [], isRecord: true };
    try {
      await table.learn(duckDbDialect(this.#writer), writer, schema);
    } catch (cause) {
      throw storeError(this.path, cause);
    }
  }

  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  async begin(): Promise<void> {
    await this.#writer.run('BEGIN').catch((cause) => {
      throw storeError(this.path, cause);
    });
    this.#inTransaction = true;
  }

  async rows(table: TopicTable): Promise<TableAppender> {
    let appender = this.#open.get(table.topic);
    if (!appender) {
      appender = new TableAppender(
        table,
        table.exists ? await this.#writer.createAppender(table.name) : null,
      );
      this.#open.set(table.topic, appender);
    }
    return appender;
  }

  async commit(): Promise<void> {
    const connection = this.#writer;
    try {
      for (const appender of this.#open.values()) await appender.finish(connection);
      this.#open.clear();
      await this.#journals.write(connection);
      await connection.run('COMMIT');
      this.#inTransaction = false;
      this.progress.committed();
      await this.compactProgress();
    } catch (cause) {
      throw storeError(this.path, cause);
    }
  }

  /** Rewrites the journals of positions once they have this many rows (default: 50,000). Not in a transaction. */
  async compactProgress(atRows?: number): Promise<void> {
    try {
      await this.#journals.compact(this.#writer, atRows);
    } catch (cause) {
      throw storeError(this.path, cause);
    }
  }

  /** Opens the database anew when it has to. */
  async recover(): Promise<void> {
    this.#open.clear();
    if (!this.#instance) return this.open();
    try {
      // Not only a rollback: an appender that is given up hands its rows to its connection when it is garbage-collected, and
      // then they would be in a later transaction.
      this.#connection?.closeSync();
      this.#connection = await this.#instance.connect();
      this.#inTransaction = false;
      await this.#load();
    } catch {
      await this.open();
    }
  }

  query(request: QueryRequest, stop: AbortSignal, write: WriteLine): Promise<void> {
    return this.read((connection, closing) =>
      answer(connection, request, AbortSignal.any([stop, closing]), write),
    );
  }

  queryError(thrown: unknown): Error {
    return sqlError(thrown);
  }

  count(table: string, distinct: readonly string[], stop: AbortSignal): Promise<TableCount> {
    return this.read((connection, closing) =>
      countRows(connection, { table, distinct }, AbortSignal.any([stop, closing])),
    );
  }

  describe(stop: AbortSignal): Promise<StoredTables> {
    return this.read((connection, closing) => describeTables(connection, AbortSignal.any([stop, closing])));
  }

  get #writer(): DuckDBConnection {
    if (!this.#connection) throw storeError(this.path, new Error('it is closed'));
    return this.#connection;
  }

  async #load(): Promise<void> {
    const connection = this.#writer;
    const tables = await connection.runAndReadAll('SELECT topic, table_name, mode FROM _dds.tables');
    const columns = await connection.runAndReadAll(
      'SELECT topic, field, column_name, sql_type FROM _dds.columns ORDER BY topic, ordinal',
    );
    this.#tables.clear();
    const columnsOf = new Map<string, TableColumn[]>();
    for (const [topic, field, name, sql] of columns.getRows() as [string, string | null, string, string][]) {
      const list = columnsOf.get(topic) ?? [];
      columnsOf.set(topic, list);
      list.push({ field, name, sql });
    }
    for (const [topic, name, mode] of tables.getRows() as [string, string, TableMode][]) {
      this.#tables.set(topic, new TopicTable(topic, name, mode, columnsOf.get(topic) ?? []));
    }
    await this.#journals.load(connection);
  }
}

type Use<T> = (connection: DuckDBConnection, closing: AbortSignal) => Promise<T>;

async function readOn<T>(instance: DuckDBInstance, use: Use<T>, closing: AbortSignal): Promise<T> {
  const connection = await instance.connect();
  try {
    closing.throwIfAborted();
    return await use(connection, closing);
  } finally {
    connection.closeSync();
  }
}
