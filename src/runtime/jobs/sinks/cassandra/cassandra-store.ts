import { type Clock, systemClock } from '../../../../shared/clock.ts';
import type { Logger } from '../../../../shared/logger.ts';
import type { WriterSchema } from '../../../serde/index.ts';
import { Progress } from '../progress.ts';
import type { QueryRequest } from '../query-request.ts';
import { recordSchema } from '../record-schema.ts';
import type { SinkStore, StoreInfo, TableRows, WriteLine } from '../store.ts';
import type { StoredTables, TableCount } from '../stored-tables.ts';
import { tableName } from '../table-names.ts';
import { type TableMode, TopicTable } from '../topic-table.ts';
import { BatchWriter } from './batch-writer.ts';
import { countRows, describeTables } from './count.ts';
import { cassandraDialect } from './dialect.ts';
import type { CassandraOptions } from './options.ts';
import {
  createOwnTables,
  existingColumns,
  ownTables,
  readPositions,
  readTables,
  writePositions,
} from './own-tables.ts';
import { PartitionRows } from './partition-rows.ts';
import { answer } from './query.ts';
import { cqlError } from './query-error.ts';
import { CassandraSession } from './session.ts';
import { storeError } from './store-error.ts';
import { addColumn, createTable, setTtl, type TableLayout } from './table.ts';

/** Longest name of a table. */
const maxName = 48;

export interface CassandraStoreContext {
  site: string;
  log: Logger;
  clock?: Clock;
}

/**
 * A keyspace of Cassandra's. Rows are sent while they come in, a batch for each partition; when all of a transaction are stored, its
 * positions are. What is killed in between writes the same rows again, each to where it was.
 */
export class CassandraStore implements SinkStore {
  readonly progress = new Progress();
  readonly #options: CassandraOptions;
  readonly #context: Required<CassandraStoreContext>;
  readonly #tables = new Map<string, TopicTable>();
  readonly #layouts = new Map<string, TableLayout>();
  readonly #open = new Map<string, PartitionRows>();
  #session: CassandraSession | null = null;
  #writer: BatchWriter | null = null;
  #closing = new AbortController();
  #inTransaction = false;

  constructor(options: CassandraOptions, context: CassandraStoreContext) {
    this.#options = options;
    this.#context = { clock: systemClock, ...context };
  }

  get info(): StoreInfo {
    const { contactPoints, localDataCenter, keyspace } = this.#options;
    return { kind: 'cassandra', contactPoints, localDataCenter, keyspace };
  }

  async open(): Promise<void> {
    await this.close();
    const session = await CassandraSession.open(this.#options);
    this.#session = session;
    this.#writer = new BatchWriter(session, this.#context.clock);
    this.#closing = new AbortController();
    try {
      await createOwnTables(session);
      await this.#load(session);
    } catch (cause) {
      await this.close();
      throw this.#error(cause);
    }
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    this.#forgetRows();
    this.#closing.abort(this.#error(new Error('it is being closed')));
    await session?.close();
  }

  async recover(): Promise<void> {
    this.#forgetRows();
    if (!this.#session) return this.open();
    try {
      // What is still under way belongs to rows that are read again: it changes nothing.
      await this.#writer!.drain().catch(() => undefined);
      await this.#load(this.#session);
    } catch (cause) {
      throw this.#error(cause);
    }
  }

  get tables(): ReadonlyMap<string, TopicTable> {
    return this.#tables;
  }

  table(topic: string, mode: TableMode): TopicTable {
    const known = this.#tables.get(topic);
    if (known) return known;
    const taken = new Set([
      ...ownTables,
      ...[...this.#tables.values()].map(({ name }) => name.toLowerCase()),
    ]);
    const table = new TopicTable(topic, tableName(topic, taken, maxName), mode, []);
    this.#tables.set(topic, table);
    return table;
  }

  async learn(table: TopicTable, writer: WriterSchema, references: readonly string[]): Promise<void> {
    const text = writer.registered?.schema;
    const schema = writer.error === null ? recordSchema(text!, references) : { fields: [], isRecord: true };
    try {
      await table.learn(cassandraDialect(this.#connected, this.#layouts, this.#options), writer, schema);
    } catch (cause) {
      throw this.#error(cause);
    }
  }

  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  async begin(): Promise<void> {
    this.#inTransaction = true;
  }

  async rows(table: TopicTable): Promise<TableRows> {
    let rows = this.#open.get(table.topic);
    if (!rows) {
      const layout = this.#layouts.get(table.topic) ?? { idColumn: '_key', bucketMs: 0 };
      rows = new PartitionRows(table, layout, this.#writer!);
      this.#open.set(table.topic, rows);
    }
    return rows;
  }

  async commit(): Promise<void> {
    const session = this.#connected;
    try {
      for (const rows of this.#open.values()) rows.finish();
      this.#open.clear();
      await this.#writer!.drain();
      await writePositions(session, this.#context.site, this.progress);
      this.#inTransaction = false;
      this.progress.committed();
    } catch (cause) {
      throw this.#error(cause);
    }
  }

  query(request: QueryRequest, stop: AbortSignal, write: WriteLine): Promise<void> {
    return answer(this.#connected, request, AbortSignal.any([stop, this.#closing.signal]), write);
  }

  queryError(thrown: unknown): Error {
    return cqlError(this.#options, thrown);
  }

  count(name: string, distinct: readonly string[], stop: AbortSignal): Promise<TableCount> {
    const [table, layout] = this.#named(name);
    const signal = AbortSignal.any([stop, this.#closing.signal]);
    return countRows(this.#connected, { table, layout, distinct }, signal);
  }

  describe(stop: AbortSignal): Promise<StoredTables> {
    const tables = [...this.#tables.values()].filter(({ exists }) => exists);
    const noted = tables.map((table) => ({ table, layout: this.#layouts.get(table.topic)! }));
    return describeTables(this.#connected, noted, AbortSignal.any([stop, this.#closing.signal]));
  }

  #named(name: string): [TopicTable | null, TableLayout | null] {
    const table = [...this.#tables.values()].find((one) => one.exists && one.name === name) ?? null;
    return [table, table && this.#layouts.get(table.topic)!];
  }

  #forgetRows(): void {
    this.#writer?.discard();
    this.#open.clear();
    this.#inTransaction = false;
  }

  get #connected(): CassandraSession {
    if (!this.#session) throw this.#error(new Error('it is closed'));
    return this.#session;
  }

  #error(cause: unknown): Error {
    return storeError(this.#options, cause);
  }

  async #load(session: CassandraSession): Promise<void> {
    const noted = await readTables(session);
    const there = await existingColumns(session);
    for (const { table, layout } of noted)
      await this.#complete(session, table, layout, there.get(table.name));
    await this.#keepTtl(
      session,
      noted.map(({ table }) => table),
    );
    this.#tables.clear();
    this.#layouts.clear();
    for (const { table, layout } of noted) {
      this.#tables.set(table.topic, table);
      this.#layouts.set(table.topic, layout);
    }
    await readPositions(session, this.#context.site, this.progress);
  }

  /** Makes what was noted, but not made when a sink was killed. */
  async #complete(
    session: CassandraSession,
    table: TopicTable,
    layout: TableLayout,
    there: ReadonlySet<string> | undefined,
  ): Promise<void> {
    const { columns, mode, topic } = table;
    if (!there) return session.define(createTable(table, columns, layout, this.#options.ttlSeconds));
    for (const column of columns) {
      if (!there.has(column.name)) await session.define(addColumn(table.name, column));
    }
    if (mode === 'append' && layout.bucketMs !== this.#options.bucketSeconds * 1000) {
      this.#context.log.warn(
        { topic, bucketSeconds: layout.bucketMs / 1000 },
        'the table keeps the bucket that it was made with',
      );
    }
  }

  /** Rows that are written from now on live as long as the topology says. */
  async #keepTtl(session: CassandraSession, tables: readonly TopicTable[]): Promise<void> {
    const ttlSeconds = this.#options.ttlSeconds ?? 0;
    const { rows } = await session.execute(
      'SELECT table_name, default_time_to_live FROM system_schema.tables WHERE keyspace_name = ?',
      [session.keyspace],
    );
    const now = new Map(
      rows.map((row) => [row.get('table_name') as string, row.get('default_time_to_live') as number]),
    );
    for (const { name, mode } of tables) {
      const isOther = now.has(name) && now.get(name) !== ttlSeconds;
      if (mode === 'append' && isOther) await session.define(setTtl(name, ttlSeconds));
    }
  }
}
