import { textWidth, toWidth } from './text.ts';
import type { Theme } from './theme.ts';

/** A key and what it does, for the footer and the help. */
export interface KeyHint {
  keys: string;
  does: string;
}

/** The last row of a view: as many hints as fit, the first ones first. */
export function footerRow(hints: readonly KeyHint[], width: number, theme: Theme): string {
  let [row, used] = ['', 0];
  for (const { keys, does } of hints) {
    const hintWidth = textWidth(keys) + 1 + textWidth(does);
    const gap = used === 0 ? 0 : 2;
    if (used + gap + hintWidth > width) break;
    row += `${' '.repeat(gap)}${theme.paint('key', keys)} ${theme.paint('muted', does)}`;
    used += gap + hintWidth;
  }
  return row;
}

/** What `?` shows: all keys, in as many columns as fit. */
export function helpRows(title: string, hints: readonly KeyHint[], width: number, theme: Theme): string[] {
  const keysWidth = Math.max(...hints.map(({ keys }) => textWidth(keys)));
  const doesWidth = Math.max(...hints.map(({ does }) => textWidth(does)));
  const cell = keysWidth + 2 + doesWidth;
  const columns = Math.max(1, Math.floor((width + 4) / (cell + 4)));
  const height = Math.ceil(hints.length / columns);
  const rows = Array.from({ length: height }, (_, y) =>
    Array.from({ length: columns }, (_unused, x) => hints[x * height + y])
      .filter((hint) => hint !== undefined)
      .map(
        ({ keys, does }) =>
          `${theme.paint('key', toWidth(keys, keysWidth))}  ${toWidth(does, Math.min(doesWidth, width - keysWidth - 2))}`,
      )
      .join('    '),
  );
  return [theme.paint('title', title), '', ...rows];
}
