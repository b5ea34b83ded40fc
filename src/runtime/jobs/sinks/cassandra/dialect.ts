import type { Dialect } from '../dialect.ts';
import type { TopicTable } from '../topic-table.ts';
import { columnType, conversion, isWider } from './column-types.ts';
import type { CassandraOptions } from './options.ts';
import { noteTable } from './own-tables.ts';
import type { CassandraSession } from './session.ts';
import { addColumn, createTable, ownNames, type TableLayout } from './table.ts';

/**
 * Cassandra's tables. What is to be is noted first: a sink that is killed in between makes up for the rest when it starts.
 */
export function cassandraDialect(
  session: CassandraSession,
  layouts: Map<string, TableLayout>,
  { ttlSeconds, bucketSeconds }: CassandraOptions,
): Dialect {
  return {
    columnType,
    conversion,
    ownColumns: ({ mode }: TopicTable) => ownNames[mode],
    // A column keeps its type for ever: the wider values get one of their own beside it.
    widened: (column, to) =>
      isWider(column.sql, to.sql)
        ? { column: { ...column, name: `${column.name}_${to.sql}`, sql: to.sql }, isNew: true }
        : null,
    async create(table, columns, schema) {
      const isById = schema.fields.some(({ name, kind }) => name === 'sensor_id' && kind === 'text');
      const layout =
        table.mode === 'latest'
          ? { idColumn: '_key', bucketMs: 0 }
          : { idColumn: isById ? 'sensor_id' : '_key', bucketMs: bucketSeconds * 1000 };
      await noteTable(session, table, columns, layout);
      layouts.set(table.topic, layout);
      await session.define(createTable(table, columns, layout, ttlSeconds));
    },
    async change(table, changes) {
      const columns = [...table.columns, ...changes.map(({ column }) => column)];
      await noteTable(session, table, columns, layouts.get(table.topic)!);
      for (const { column } of changes) await session.define(addColumn(table.name, column));
    },
  };
}
