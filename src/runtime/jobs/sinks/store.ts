import type { WriterSchema } from '../../serde/index.ts';
import type { PartitionProgress, Progress } from './progress.ts';
import type { QueryLine, QueryRequest } from './query-request.ts';
import type { StoredTables, TableCount } from './stored-tables.ts';
import type { TableMode, TopicTable } from './topic-table.ts';

/** Which database it is, as `dds status` shows it. */
export type StoreInfo =
  | { kind: 'duckdb'; path: string }
  | { kind: 'cassandra'; contactPoints: string[]; localDataCenter: string; keyspace: string };

/** What is known of a record beside its fields. One object, filled anew for each record. */
export interface RecordPlace {
  key: string | null;
  /** Where the record was made. */
  site: string;
  offset: number;
  /** The record's own time, ms since the epoch. */
  timestampMs: number;
  /** The time in the record, else its own, ms since the epoch. */
  measuredMs: number;
  /** From `measuredMs` to the moment the row is written. */
  latencyMs: number;
  /** Size of the record. */
  bytes: number;
  readonly progress: PartitionProgress;
}

/** Takes rows of one table within the open transaction. */
export interface TableRows {
  readonly table: TopicTable;
  /**
   * Adds a row: values by column, those of our own still to be set. The array is the caller's to use again. Null, or why the
   * row can't be stored.
   */
  append(row: unknown[], place: RecordPlace): string | null;
  /** Removes the row of the key; only for a `latest` table. Null, or why it can't be. */
  remove(place: RecordPlace): string | null;
}

/** Takes one line of an answer; resolves when it can take the next. */
export type WriteLine = (line: QueryLine) => Promise<void> | undefined;

/**
 * The database of a sink. Rows and positions go in by `begin`, `rows`, `commit`; whatever is killed, the positions never run
 * ahead of the rows, and rows that are read again from the positions are there once. One writer; queries run beside it.
 */
export interface SinkStore {
  readonly info: StoreInfo;
  readonly progress: Progress;
  readonly tables: ReadonlyMap<string, TopicTable>;
  readonly inTransaction: boolean;
  /** Opens it and reads what is committed. Throws DDS_STORE_UNREACHABLE. */
  open(): Promise<void>;
  close(): Promise<void>;
  /** After any error: back to what is committed. Throws DDS_STORE_UNREACHABLE. */
  recover(): Promise<void>;
  /** The table of a topic; it is in the database once a schema is learned. */
  table(topic: string, mode: TableMode): TopicTable;
  /** Makes a table ready for records of a schema. Not in a transaction. Throws DDS_STORE_UNREACHABLE. */
  learn(table: TopicTable, writer: WriterSchema, references: readonly string[]): Promise<void>;
  begin(): Promise<void>;
  rows(table: TopicTable): Promise<TableRows>;
  /** Commits rows and positions. After an error nothing is known of them: `recover()`. Throws DDS_STORE_UNREACHABLE. */
  commit(): Promise<void>;
  /** Runs a reading statement until it ends or the signal aborts; then it throws the signal's reason. */
  query(request: QueryRequest, stop: AbortSignal, write: WriteLine): Promise<void>;
  /** A statement's error as a DdsError. */
  queryError(thrown: unknown): Error;
  /** Counts the rows of a table, and how many differ in these columns. A table that is not there has none. */
  count(table: string, distinct: readonly string[], stop: AbortSignal): Promise<TableCount>;
  /** What `dds query tables` lists. */
  describe(stop: AbortSignal): Promise<StoredTables>;
}
