import type { QueryColumn } from './query-request.ts';
import type { TableMode } from './topic-table.ts';

export interface StoredTable {
  table: string;
  topic: string;
  /** `append`: every record is a row. `latest`: the last of each key is, for compacted topics. */
  mode: TableMode;
  /** Null when counting them would take too long. */
  rows: number | null;
  columns: QueryColumn[];
}

/** The tables of a database, with their columns and number of rows. */
export interface StoredTables {
  /** Size of the whole database as it tells it, `12.2 MiB`, and of its log; null when it does not tell. */
  size: string | null;
  logSize: string | null;
  tables: StoredTable[];
}

export interface TableCount {
  rows: number;
  /** Rows that differ in the columns that were named; `rows` when none was. */
  distinct: number;
}
