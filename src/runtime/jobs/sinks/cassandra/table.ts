import type { OwnColumn } from '../dialect.ts';
import { quoted } from '../table-names.ts';
import type { TableColumn, TopicTable } from '../topic-table.ts';

/** What a table in Cassandra has beside its columns; it never changes. */
export interface TableLayout {
  /** The first part of the partition key: `sensor_id` where records have it as text, else `_key`. */
  idColumn: string;
  /** What time is one partition; 0 for `latest` tables. */
  bucketMs: number;
}

export const ownNames: Readonly<Record<'append' | 'latest', { before: OwnColumn[]; behind: OwnColumn[] }>> = {
  append: {
    before: [
      /** The record's key as text. */
      { name: '_key', sql: 'text' },
      /** Begin of the time that is one partition. */
      { name: 'bucket', sql: 'timestamp' },
      /** The time in the record (field `timestamp`), else its own. */
      { name: 'ts', sql: 'timestamp' },
    ],
    behind: [
      { name: 'latency_ms', sql: 'bigint' },
      { name: 'site', sql: 'text' },
      { name: '_partition', sql: 'int' },
      { name: '_offset', sql: 'bigint' },
      /** How often the topic was made anew: its offsets then begin again. */
      { name: '_generation', sql: 'int' },
      { name: '_timestamp', sql: 'timestamp' },
    ],
  },
  latest: {
    before: [{ name: '_key', sql: 'text' }],
    behind: [
      { name: 'latency_ms', sql: 'bigint' },
      { name: 'site', sql: 'text' },
      { name: '_partition', sql: 'int' },
      { name: '_offset', sql: 'bigint' },
      { name: '_timestamp', sql: 'timestamp' },
    ],
  },
};

/** Two readings of a sensor in one ms are two rows: where a record is in the topic makes it one of a kind. */
const clustering = ['ts', '_partition', '_offset', '_generation'];

export function createTable(
  { name, mode }: TopicTable,
  columns: readonly TableColumn[],
  { idColumn }: TableLayout,
  ttlSeconds: number | null,
): string {
  const definitions = columns.map((column) => `${quoted(column.name)} ${column.sql}`).join(', ');
  if (mode === 'latest') {
    return `CREATE TABLE IF NOT EXISTS ${quoted(name)} (${definitions}, PRIMARY KEY ("_key"))`;
  }
  const order = clustering.map((column) => `${quoted(column)} DESC`).join(', ');
  return `CREATE TABLE IF NOT EXISTS ${quoted(name)} (${definitions},
    PRIMARY KEY ((${quoted(idColumn)}, bucket), ${clustering.map(quoted).join(', ')}))
    WITH CLUSTERING ORDER BY (${order})
    AND compaction = {'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'MINUTES',
      'compaction_window_size': ${windowMinutes(ttlSeconds)}}
    AND default_time_to_live = ${ttlSeconds ?? 0}`;
}

/** About twenty windows in the life of a row, as Cassandra's documentation advises; a day without an end. */
function windowMinutes(ttlSeconds: number | null): number {
  return ttlSeconds === null ? 1440 : Math.max(1, Math.ceil(ttlSeconds / 60 / 20));
}

export const addColumn = (table: string, { name, sql }: TableColumn): string =>
  `ALTER TABLE ${quoted(table)} ADD IF NOT EXISTS ${quoted(name)} ${sql}`;

export const setTtl = (table: string, ttlSeconds: number): string =>
  `ALTER TABLE ${quoted(table)} WITH default_time_to_live = ${ttlSeconds}`;

/** Values by column, then the time of the write, µs. */
export function insertInto({ name, columns }: TopicTable): string {
  const names = columns.map((column) => quoted(column.name)).join(', ');
  return `INSERT INTO ${quoted(name)} (${names}) VALUES (${columns.map(() => '?').join(', ')}) USING TIMESTAMP ?`;
}

/** The time of the write, then the key. */
export const deleteFrom = ({ name }: TopicTable): string =>
  `DELETE FROM ${quoted(name)} USING TIMESTAMP ? WHERE "_key" = ?`;
