/** One line on a terminal that is written over and over; on anything else nothing at all. */
export interface LiveLine {
  show(text: string): void;
  /** Leaves the line empty, so that other output can follow. */
  clear(): void;
}

const eraseLine = '\r\u001b[2K';

export function liveLine(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>,
  env: Readonly<Record<string, string | undefined>>,
): LiveLine | null {
  if (!stream.isTTY || env.TERM === 'dumb') return null;
  let shown = false;
  return {
    show(text) {
      shown = true;
      // A line that wraps could not be erased.
      stream.write(`${eraseLine}${text.slice(0, Math.max(0, (stream.columns || 80) - 1))}`);
    },
    clear() {
      if (shown) stream.write(eraseLine);
      shown = false;
    },
  };
}
