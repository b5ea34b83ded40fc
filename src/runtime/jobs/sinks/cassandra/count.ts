import type { StoredTables, TableCount } from '../stored-tables.ts';
import { quoted } from '../table-names.ts';
import type { TopicTable } from '../topic-table.ts';
import { unlessAborted } from '../unless-aborted.ts';
import type { NotedTable } from './own-tables.ts';
import type { CassandraSession } from './session.ts';
import type { TableLayout } from './table.ts';

/** Tokens of the default partitioner, Murmur3. */
const leastToken = -(2n ** 63n);
const greatestToken = 2n ** 63n - 1n;
const firstRanges = 16n;
const pageRows = 5000;
/** A count of all tables takes so long at most, ms; what is not counted by then is not told. */
const countingMs = 20_000;

interface CountOptions {
  table: TopicTable | null;
  layout: TableLayout | null;
  distinct: readonly string[];
}

/** Exact as of the moments at which the parts of the ring are read. */
export async function countRows(
  session: CassandraSession,
  { table, layout, distinct }: CountOptions,
  stop: AbortSignal,
): Promise<TableCount> {
  if (!table || !layout) return { rows: 0, distinct: 0 };
  if (distinct.length > 0) return countDistinct(session, table, distinct, stop);
  const rows = await countRing(session, table, layout, stop);
  return { rows, distinct: rows };
}

/** The tables with their columns and, as far as there is time, their rows. */
export async function describeTables(
  session: CassandraSession,
  noted: readonly NotedTable[],
  stop: AbortSignal,
): Promise<StoredTables> {
  const late = AbortSignal.timeout(countingMs);
  const tables = [];
  for (const { table, layout } of noted.toSorted((a, b) => (a.table.name < b.table.name ? -1 : 1))) {
    const rows = await countRing(session, table, layout, AbortSignal.any([stop, late])).catch(
      (error: unknown) => {
        if (late.aborted && !stop.aborted) return null;
        throw error;
      },
    );
    const columns = table.columns.map(({ name, sql }) => ({ name, type: sql }));
    tables.push({ table: table.name, topic: table.topic, mode: table.mode, rows, columns });
  }
  return { size: null, logSize: null, tables };
}

/** Adds up parts of the ring: a count of the whole would run into Cassandra's own timeout. */
async function countRing(
  session: CassandraSession,
  { name }: TopicTable,
  { idColumn, bucketMs }: TableLayout,
  stop: AbortSignal,
): Promise<number> {
  const token = `token(${bucketMs > 0 ? `${quoted(idColumn)}, bucket` : quoted(idColumn)})`;
  const query = `SELECT COUNT(*) FROM ${quoted(name)} WHERE ${token} > ? AND ${token} <= ?`;
  const count = async (after: bigint, upTo: bigint): Promise<number> => {
    try {
      const range = [String(after), String(upTo)];
      const { rows } = await unlessAborted(session.execute(query, range, { readTimeout: 20_000 }), stop);
      return Number(rows[0]!.get(0));
    } catch (error) {
      const isTooMuch = [0x1200, 0x1300].includes((error as { code?: number }).code ?? 0);
      const middle = (after + upTo) / 2n;
      if (!isTooMuch || middle === after) throw error;
      return (await count(after, middle)) + (await count(middle, upTo));
    }
  };
  const step = (greatestToken - leastToken) / firstRanges;
  let rows = 0;
  for (let part = 0n; part < firstRanges; part++) {
    const after = leastToken + part * step;
    rows += await count(after, part === firstRanges - 1n ? greatestToken : after + step);
  }
  return rows;
}

/** Reads the columns of every row, page by page. */
async function countDistinct(
  session: CassandraSession,
  { name }: TopicTable,
  distinct: readonly string[],
  stop: AbortSignal,
): Promise<TableCount> {
  const query = `SELECT ${distinct.map(quoted).join(', ')} FROM ${quoted(name)}`;
  const seen = new Set<string>();
  let rows = 0;
  let pageState: string | undefined;
  do {
    const page = await unlessAborted(
      session.execute(query, [], {
        fetchSize: pageRows,
        readTimeout: 20_000,
        ...(pageState !== undefined && { pageState }),
      }),
      stop,
    );
    for (const row of page.rows) seen.add(row.values().map(String).join('\n'));
    rows += page.rows.length;
    pageState = page.pageState ?? undefined;
  } while (pageState !== undefined);
  return { rows, distinct: seen.size };
}
