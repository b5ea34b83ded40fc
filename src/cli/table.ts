import type { Paint } from './streams.ts';

export interface TableOptions {
  paint?: Paint;
  /** Indices of columns to align at the right. */
  right?: readonly number[];
}

/** Columns as wide as their longest cell, two spaces apart, without lines. Ends with a line feed. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { paint = (_style, text) => text, right = [] }: TableOptions = {},
): string {
  const widths = head.map((name, column) =>
    // No Math.max(...): a hundred thousand rows are more arguments than a call can have.
    rows.reduce((width, row) => Math.max(width, (row[column] ?? '').length), name.length),
  );
  const line = (cells: readonly string[]) =>
    widths
      .map((width, column) => {
        const cell = cells[column] ?? '';
        return right.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return `${[paint('bold', line(head)), ...rows.map(line)].join('\n')}\n`;
}
