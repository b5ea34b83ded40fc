import type { DuckDBConnection } from '@duckdb/node-api';
import type { StoredTable, StoredTables, TableCount } from '../stored-tables.ts';
import { quoted } from '../table-names.ts';
import type { TableMode } from '../topic-table.ts';
import { interruptOnAbort } from './query.ts';

/** Counts the rows of a table; one that is not there has none. */
export async function countRows(
  connection: DuckDBConnection,
  { table, distinct }: { table: string; distinct: readonly string[] },
  stop: AbortSignal,
): Promise<TableCount> {
  return interruptible(connection, stop, async () => {
    const there = `SELECT 1 FROM information_schema.tables WHERE table_schema = 'main' AND lower(table_name) = lower($1)`;
    if ((await rows(connection, there, [table])).length === 0) return { rows: 0, distinct: 0 };
    const different = distinct.length === 0 ? '' : `, count(DISTINCT (${distinct.map(quoted).join(', ')}))`;
    const [counted = []] = await rows(connection, `SELECT count(*)${different} FROM ${quoted(table)}`);
    return { rows: Number(counted[0]), distinct: Number(counted.at(-1)) };
  });
}

/** The tables of topics, with their columns and rows, and the size of the file. */
export function describeTables(connection: DuckDBConnection, stop: AbortSignal): Promise<StoredTables> {
  return interruptible(connection, stop, async () => {
    const columns = await rows(
      connection,
      `SELECT t.table_name, t.topic, t.mode, c.column_name, c.data_type
       FROM _dds.tables t JOIN duckdb_columns() c ON c.table_name = t.table_name AND c.schema_name = 'main'
       ORDER BY t.table_name, c.column_index`,
    );
    const tables = new Map<string, StoredTable>();
    for (const [table, topic, mode, name, type] of columns as string[][]) {
      const one = tables.get(table!) ?? {
        table: table!,
        topic: topic!,
        mode: mode as TableMode,
        rows: 0,
        columns: [],
      };
      tables.set(table!, one);
      one.columns.push({ name: name!, type: type! });
    }
    for (const one of tables.values()) {
      one.rows = Number((await rows(connection, `SELECT count(*) FROM ${quoted(one.table)}`))[0]![0]);
    }
    const [sizes = []] = await rows(connection, 'SELECT database_size, wal_size FROM pragma_database_size()');
    return { size: String(sizes[0]), logSize: String(sizes[1]), tables: [...tables.values()] };
  });
}

async function interruptible<T>(connection: DuckDBConnection, stop: AbortSignal, work: () => Promise<T>) {
  const release = interruptOnAbort(connection, stop);
  try {
    return await work();
  } finally {
    release();
  }
}

async function rows(connection: DuckDBConnection, sql: string, values: string[] = []): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql, values)).getRows();
}
