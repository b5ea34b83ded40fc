import type { types } from 'cassandra-driver';
import { isPartition, isSource, type Progress } from '../progress.ts';
import { type TableColumn, type TableMode, TopicTable } from '../topic-table.ts';
import type { CassandraSession, Statement } from './session.ts';
import type { TableLayout } from './table.ts';

export const ownTables = ['dds_tables', 'dds_positions'] as const;

const definitions: Readonly<Record<(typeof ownTables)[number], string>> = {
  // The columns are JSON: all that is known of a table changes at once, or not at all.
  dds_tables: `topic text PRIMARY KEY, table_name text, mode text, id_column text, bucket_ms bigint, columns text`,
  // One partition of one site: all positions change at once, or none of them.
  dds_positions: `site text, topic text, partition int, topic_id text, generation int, written_micros bigint,
    next_offset bigint, sources map<text, bigint>, PRIMARY KEY (site, topic, partition)`,
};

/** What dds keeps beside the tables of topics. */
export async function createOwnTables(session: CassandraSession): Promise<void> {
  const there = await existingColumns(session);
  for (const name of ownTables) {
    if (!there.has(name)) await session.define(`CREATE TABLE IF NOT EXISTS ${name} (${definitions[name]})`);
  }
}

/** Names of columns by table, as they are in the keyspace. */
export async function existingColumns(session: CassandraSession): Promise<Map<string, Set<string>>> {
  const found = await session.execute(
    'SELECT table_name, column_name FROM system_schema.columns WHERE keyspace_name = ?',
    [session.keyspace],
    { fetchSize: 5000, autoPage: true },
  );
  const columns = new Map<string, Set<string>>();
  for (const row of found.rows) {
    const table = row.get('table_name') as string;
    columns.set(table, (columns.get(table) ?? new Set()).add(row.get('column_name') as string));
  }
  return columns;
}

export interface NotedTable {
  table: TopicTable;
  layout: TableLayout;
}

export async function readTables(session: CassandraSession): Promise<NotedTable[]> {
  const { rows } = await session.execute('SELECT * FROM dds_tables');
  return rows.map((row) => ({
    table: new TopicTable(
      row.get('topic') as string,
      row.get('table_name') as string,
      row.get('mode') as TableMode,
      JSON.parse(row.get('columns') as string) as TableColumn[],
    ),
    layout: { idColumn: row.get('id_column') as string, bucketMs: Number(row.get('bucket_ms')) },
  }));
}

export async function noteTable(
  session: CassandraSession,
  { topic, name, mode }: TopicTable,
  columns: readonly TableColumn[],
  layout: TableLayout,
): Promise<void> {
  await session.execute(
    'INSERT INTO dds_tables (topic, table_name, mode, id_column, bucket_ms, columns) VALUES (?, ?, ?, ?, ?, ?)',
    [topic, name, mode, layout.idColumn, layout.bucketMs, JSON.stringify(columns)],
  );
}

/** Reads what is committed; forgets everything that is not. */
export async function readPositions(
  session: CassandraSession,
  site: string,
  progress: Progress,
): Promise<void> {
  const { rows } = await session.execute('SELECT * FROM dds_positions WHERE site = ?', [site], {
    fetchSize: 5000,
    autoPage: true,
  });
  progress.forget();
  for (const row of rows) {
    const [topic, number] = [row.get('topic') as string, row.get('partition') as number];
    const partition = progress.partition(topic, number);
    partition.topicId = row.get('topic_id') as string;
    partition.generation = row.get('generation') as number;
    partition.writtenMicros = Number(row.get('written_micros'));
    partition.next = partition.committed = Number(row.get('next_offset'));
    const sources = (row.get('sources') ?? {}) as Record<string, types.Long>;
    for (const [key, highest] of Object.entries(sources)) {
      const [sourceSite = '', topicId = ''] = key.split('\n');
      const source = progress.source(sourceSite, topicId, topic, number);
      source.highest = source.committed = Number(highest);
    }
  }
}

/** Writes what changed, all of it or nothing. */
export async function writePositions(
  session: CassandraSession,
  site: string,
  progress: Progress,
): Promise<void> {
  const changed = [...progress.changed];
  const statements: Statement[] = changed.filter(isPartition).map((one) => ({
    query: `INSERT INTO dds_positions (site, topic, partition, topic_id, generation, written_micros, next_offset)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
    params: [site, one.topic, one.partition, one.topicId, one.generation, one.writtenMicros, one.next],
  }));
  for (const one of changed.filter(isSource)) {
    statements.push({
      query: 'UPDATE dds_positions SET sources = sources + ? WHERE site = ? AND topic = ? AND partition = ?',
      params: [{ [`${one.site}\n${one.sourceTopicId}`]: one.highest }, site, one.topic, one.partition],
    });
  }
  if (statements.length > 0) await session.write(statements);
}
