import type { CountResult } from '../runtime/data/query/count.ts';
import type { QueryResult, RowOutput, WriteText } from '../runtime/data/query/output.ts';
import type { TablesResult } from '../runtime/data/query/tables.ts';
import type { Paint } from './streams.ts';
import { formatTable } from './table.ts';

/** DuckDB's and Cassandra's. */
const numeric = /^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|INT|VARINT|COUNTER|DOUBLE|FLOAT|DECIMAL)/i;
/** Columns are as wide as these many rows need, so that any number of rows can be shown. */
const blockRows = 10_000;

/** The rows as a table: numbers at the right, NULL dimmed and unlike the text "NULL" by its colour only. */
export function tableOutput(write: WriteText, paint: Paint): RowOutput {
  let head: string[] = [];
  let right: number[] = [];
  let cells: string[][] = [];
  let isFirst = true;
  const flush = () => {
    const table = formatTable(head, cells, { paint, right });
    const body = isFirst ? table : table.slice(table.indexOf('\n') + 1);
    isFirst = false;
    cells = [];
    return write(body);
  };
  return {
    start(columns) {
      head = columns.map(({ name }) => printable(name));
      right = columns.flatMap(({ type }, index) => (numeric.test(type) ? [index] : []));
      return undefined;
    },
    rows(rows) {
      for (const row of rows) cells.push(row.map(cellText));
      return cells.length >= blockRows ? flush() : undefined;
    },
    end: () => (head.length > 0 && (isFirst || cells.length > 0) ? flush() : undefined),
  };
}

/** `3 rows from central`, with what was left out. */
export function rowCount({ sites, rows, truncated, interrupted }: QueryResult): string {
  const count = `${rows} ${rows === 1 ? 'row' : 'rows'} from ${sites.length === 1 ? sites[0] : `${sites.length} sites`}`;
  if (interrupted) return `stopped after ${count}`;
  return truncated ? `${count}; there are more (--limit 0 for all)` : count;
}

/** A line for each table, and its columns below. */
export function tablesText({ tables }: TablesResult, paint: Paint): string {
  const cells = tables.map(({ table, topic, mode, rows, columns }) => [
    table,
    topic,
    mode,
    rows === null ? '?' : String(rows),
    columns.map(({ name, type }) => `${name} ${type}`).join(', '),
  ]);
  return formatTable(['table', 'topic', 'mode', 'rows', 'columns'], cells, { paint, right: [3] });
}

/** A line for each site. */
export function countText({ sites }: CountResult, paint: Paint): string {
  const cells = sites.map(({ site, rows, distinct }) => [site, String(rows), String(distinct)]);
  return formatTable(['site', 'rows', 'distinct'], cells, { paint, right: [1, 2] });
}

function cellText(value: unknown): string {
  if (value === null) return 'NULL';
  return printable(typeof value === 'string' ? value : JSON.stringify(value));
}

/** A value must not move the cursor of a terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => JSON.stringify(character).slice(1, -1));
}
