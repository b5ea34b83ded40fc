import stringWidth from 'string-width';

/** Text of one row without styles. Widths are in terminal cells: a wide character has two, a combining one none. */

const ascii = /^[\u0020-\u007e]*$/;
let graphemes: Intl.Segmenter | undefined;

export function textWidth(text: string): number {
  return ascii.test(text) ? text.length : stringWidth(text);
}

/** Cuts to a width, with `…` where something is missing. */
export function truncate(text: string, width: number): string {
  if (width <= 0) return '';
  // Far longer than any row: what follows cannot be seen, and measuring it costs.
  const near = text.length > 8 * width ? text.slice(0, 8 * width) : text;
  if (near.length === text.length && textWidth(text) <= width) return text;
  if (ascii.test(near)) return `${near.slice(0, width - 1)}…`;
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  let [cut, used] = ['', 0];
  for (const { segment } of graphemes.segment(near)) {
    const segmentWidth = stringWidth(segment);
    if (used + segmentWidth > width - 1) break;
    cut += segment;
    used += segmentWidth;
  }
  return `${cut}…`;
}

/** Exactly so wide: cut, or filled up with spaces on the right, or on the left for `right` alignment. */
export function toWidth(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const cut = truncate(text, width);
  const space = ' '.repeat(Math.max(0, width - textWidth(cut)));
  return align === 'left' ? cut + space : space + cut;
}

/** Breaks into rows of at most this width, at any character: for payloads, which have no words. */
export function wrapText(text: string, width: number): string[] {
  if (width <= 0) return [];
  if (ascii.test(text)) return text.match(new RegExp(`.{1,${width}}`, 'g')) ?? [''];
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  const rows: string[] = [];
  let [row, used] = ['', 0];
  for (const { segment } of graphemes.segment(text)) {
    const segmentWidth = stringWidth(segment);
    if (used + segmentWidth > width && row !== '') {
      rows.push(row);
      [row, used] = ['', 0];
    }
    row += segment;
    used += segmentWidth;
  }
  rows.push(row);
  return rows;
}
