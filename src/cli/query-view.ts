import type { QueryResult } from '../runtime/data/query.ts';
import type { Paint } from './streams.ts';
import { formatTable } from './table.ts';

const numeric = /^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DOUBLE|FLOAT|DECIMAL)/;

/** The rows as a table: numbers at the right, NULL dimmed and unlike the text "NULL" by its colour only. */
export function queryTable({ columns, rows }: QueryResult, paint: Paint): string {
  const right = columns.flatMap(({ type }, index) => (numeric.test(type) ? [index] : []));
  const cells = rows.map((row) => row.map(cellText));
  return formatTable(
    columns.map(({ name }) => printable(name)),
    cells,
    { paint, right },
  );
}

/** `3 rows`, with what was left out. */
export function rowCount({ site, rows, truncated }: QueryResult): string {
  const count = `${rows.length} ${rows.length === 1 ? 'row' : 'rows'} from ${site}`;
  return truncated ? `${count}; there are more (--max-rows)` : count;
}

function cellText(value: unknown): string {
  if (value === null) return 'NULL';
  return printable(typeof value === 'string' ? value : JSON.stringify(value));
}

/** A value must not move the cursor of a terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => JSON.stringify(character).slice(1, -1));
}
