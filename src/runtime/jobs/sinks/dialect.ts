import type { ColumnKind } from './column-kind.ts';
import type { RecordSchema } from './record-schema.ts';
import type { ColumnChange, TableColumn, TopicTable } from './topic-table.ts';

/** Turns a decoded Avro value into the database's; throws when it does not fit (the record can't be stored). */
export type Convert = (value: never) => unknown;

export interface ColumnType {
  /** As written in CREATE TABLE. */
  sql: string;
  convert: Convert;
}

/** A column that a table has beside the fields of the records. */
export interface OwnColumn {
  readonly name: string;
  readonly sql: string;
}

/** How one database writes tables down. */
export interface Dialect {
  /** Columns of our own in a new table, before and behind the fields. */
  ownColumns(table: TopicTable): { before: readonly OwnColumn[]; behind: readonly OwnColumn[] };
  columnType(kind: ColumnKind): ColumnType;
  /** How a value of one type gets into a column of another; null when it can't. */
  conversion(from: ColumnType, to: string): Convert | null;
  /**
   * What makes room for a field that got a wider type: its column with that type, or a column more of that name; null when
   * there is no way.
   */
  widened(column: TableColumn, to: ColumnType): { column: TableColumn; isNew: boolean } | null;
  /** Makes the table, and notes it. */
  create(table: TopicTable, columns: readonly TableColumn[], schema: RecordSchema): Promise<void>;
  /** Adds and widens columns, and notes them; all or, when it throws, perhaps some: the same change comes again then. */
  change(table: TopicTable, changes: readonly ColumnChange[]): Promise<void>;
}
