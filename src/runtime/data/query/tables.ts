import type { RuntimeContext } from '../../../shared/context.ts';
import type { QueryColumn } from '../../jobs/sinks/index.ts';
import { queryRows } from './query.ts';

export interface TablesOptions {
  stack?: string | undefined;
  /** Default: the central site, else the only one. */
  site?: string | undefined;
}

export interface StoredTable {
  table: string;
  topic: string;
  /** `append`: every record is a row. `latest`: the last of each key is, for compacted topics. */
  mode: 'append' | 'latest';
  rows: number;
  columns: QueryColumn[];
}

export interface TablesResult {
  site: string;
  /** Size of the whole database as it tells it: `12.2 MiB`, and of its log. */
  size: string;
  logSize: string;
  tables: StoredTable[];
}

/** The tables of a site's database, with their columns and number of rows. */
export async function queryTables(options: TablesOptions, context: RuntimeContext): Promise<TablesResult> {
  const ask = (sql: string) => queryRows({ ...options, sql, maxRows: 0, timeoutMs: 30_000 }, context);
  const { site, rows } = await ask(`
    SELECT t.table_name, t.topic, t.mode, c.column_name, c.data_type
    FROM _dds.tables t JOIN duckdb_columns() c ON c.table_name = t.table_name AND c.schema_name = 'main'
    ORDER BY t.table_name, c.column_index`);
  const tables = new Map<string, StoredTable>();
  for (const [table, topic, mode, name, type] of rows as string[][]) {
    const one = tables.get(table!) ?? newTable(table!, topic!, mode as StoredTable['mode']);
    tables.set(table!, one);
    one.columns.push({ name: name!, type: type! });
  }
  const counts = [...tables.keys()].map((name) => `SELECT ${text(name)}, count(*) FROM ${identifier(name)}`);
  if (counts.length > 0) {
    for (const [name, count] of (await ask(counts.join(' UNION ALL '))).rows) {
      tables.get(name as string)!.rows = count as number;
    }
  }
  const [sizes = []] = (await ask('SELECT database_size, wal_size FROM pragma_database_size()')).rows;
  return { site, size: String(sizes[0]), logSize: String(sizes[1]), tables: [...tables.values()] };
}

const newTable = (table: string, topic: string, mode: StoredTable['mode']): StoredTable => ({
  table,
  topic,
  mode,
  rows: 0,
  columns: [],
});

const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;
