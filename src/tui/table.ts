import { textWidth, toWidth } from './text.ts';

/** A column of a table of rows. */
export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** Never narrower, except when the whole table does not fit. Default: the title's width. */
  min?: number;
  /** Never wider. Default: as wide as the longest cell. */
  max?: number;
  /** Takes what is left of the width. One column at most. */
  grow?: boolean;
  /** The first to be left out when the table does not fit: those with the highest number. Without one it stays. */
  dropOrder?: number;
}

const gap = 2;

/** Widths of the columns for these cells; 0 for a column that had to be left out. */
export function columnWidths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): number[] {
  const widths = columns.map(
    ({ title, min = textWidth(title), max = Number.POSITIVE_INFINITY, grow }, at) => {
      if (grow) return min;
      const longest = rows.reduce((most, row) => Math.max(most, textWidth(row[at] ?? '')), textWidth(title));
      return Math.max(min, Math.min(max, longest));
    },
  );
  const total = () => widths.reduce((sum, one) => sum + (one === 0 ? 0 : one + gap), -gap);
  const droppable = columns
    .map(({ dropOrder }, at) => ({ dropOrder, at }))
    .filter(({ dropOrder }) => dropOrder !== undefined)
    .sort((a, b) => b.dropOrder! - a.dropOrder!);
  for (const { at } of droppable) {
    if (total() <= width) break;
    widths[at] = 0;
  }
  const growing = columns.findIndex(({ grow }) => grow);
  if (growing >= 0 && widths[growing]! > 0) widths[growing]! += Math.max(0, width - total());
  return widths;
}

/** A row of cells in columns of these widths. `style` paints a cell after it was cut and filled up. */
export function tableRow(
  cells: readonly string[],
  columns: readonly Column[],
  widths: readonly number[],
  style: (cell: string, column: number) => string = (cell) => cell,
): string {
  const shown: string[] = [];
  for (let at = 0; at < columns.length; at++) {
    if (widths[at]! > 0) shown.push(style(toWidth(cells[at] ?? '', widths[at]!, columns[at]!.align), at));
  }
  return shown.join(' '.repeat(gap));
}

/** The titles, as a row. */
export function headRow(columns: readonly Column[], widths: readonly number[]): string {
  return tableRow(
    columns.map(({ title }) => title),
    columns,
    widths,
  );
}
