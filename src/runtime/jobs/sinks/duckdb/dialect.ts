import { type DuckDBConnection, INTEGER, VARCHAR } from '@duckdb/node-api';
import type { Dialect } from '../dialect.ts';
import { quoted } from '../table-names.ts';
import type { ColumnChange, TableColumn, TopicTable } from '../topic-table.ts';
import { canWiden, columnType, conversion } from './column-types.ts';

/** The key before the fields of the records. */
const before = [
  /** The record's key as text (the id, for registrations); bytes that are no text in hex. */
  { name: '_key', sql: 'VARCHAR' },
] as const;

const behind = [
  /** From the time in the record (field `timestamp`, else the record's own) to the moment the row is written, ms. */
  { name: 'latency_ms', sql: 'BIGINT' },
  /** Where the record was made: header `dds-site`, else the sink's own site. */
  { name: 'site', sql: 'VARCHAR' },
  { name: '_partition', sql: 'INTEGER' },
  { name: '_offset', sql: 'BIGINT' },
  /** The record's own time, UTC. */
  { name: '_timestamp', sql: 'TIMESTAMP' },
] as const;

export const ownColumns = [...before, ...behind] as const;

/** DuckDB's tables: each in one transaction with the notes of it in `_dds`. */
export function duckDbDialect(connection: DuckDBConnection): Dialect {
  const note = ({ topic }: TopicTable, { field, name, sql }: TableColumn, ordinal: number) =>
    connection.run(
      'INSERT INTO _dds.columns VALUES ($1, $2, $3, $4, $5)',
      [topic, ordinal, field, name, sql],
      [VARCHAR, INTEGER, VARCHAR, VARCHAR, VARCHAR],
    );
  return {
    columnType,
    conversion,
    ownColumns: () => ({ before, behind }),
    widened: (column, to) =>
      canWiden(column.sql, to.sql) ? { column: { ...column, sql: to.sql }, isNew: false } : null,
    async create(table, columns) {
      const definitions = columns.map((column) => `${quoted(column.name)} ${column.sql}`);
      await connection.run('BEGIN');
      await connection.run(`CREATE TABLE ${quoted(table.name)} (${definitions.join(', ')})`);
      await connection.run('INSERT INTO _dds.tables VALUES ($1, $2, $3)', [
        table.topic,
        table.name,
        table.mode,
      ]);
      for (const [ordinal, column] of columns.entries()) await note(table, column, ordinal);
      await connection.run('COMMIT');
    },
    async change(table, changes) {
      await connection.run('BEGIN');
      for (const change of changes) {
        await connection.run(alter(table, change));
        const { column, isNew, place } = change;
        if (isNew) await note(table, column, place);
        else {
          await connection.run(
            'UPDATE _dds.columns SET sql_type = $1 WHERE topic = $2 AND column_name = $3',
            [column.sql, table.topic, column.name],
          );
        }
      }
      await connection.run('COMMIT');
    },
  };
}

function alter(table: TopicTable, { column, isNew }: ColumnChange): string {
  const name = quoted(column.name);
  const what = isNew ? `ADD COLUMN ${name} ${column.sql}` : `ALTER COLUMN ${name} TYPE ${column.sql}`;
  return `ALTER TABLE ${quoted(table.name)} ${what}`;
}
