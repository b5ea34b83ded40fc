const bars = '▁▂▃▄▅▆▇█';

/** A bar for each value, newest at the right; so wide that the last `width` values are shown. Zero is the lowest bar. */
export function sparkline(values: ArrayLike<number>, width: number): string {
  const from = Math.max(0, values.length - width);
  let highest = 0;
  for (let i = from; i < values.length; i++) highest = Math.max(highest, values[i]!);
  let line = ' '.repeat(Math.max(0, width - values.length));
  for (let i = from; i < values.length; i++) {
    // What is not zero has to be seen.
    const level = values[i]! <= 0 ? 0 : Math.max(1, Math.round((values[i]! / highest) * (bars.length - 1)));
    line += bars[level];
  }
  return line;
}

/** Sums of neighbours, all of equally many, so that at most `columns` are left. */
export function condense(values: readonly number[], columns: number): number[] {
  const each = Math.ceil(values.length / Math.max(1, columns));
  const sums: number[] = [];
  for (let end = values.length; end > 0; end -= each) {
    sums.unshift(values.slice(Math.max(0, end - each), end).reduce((sum, value) => sum + value, 0));
  }
  return sums;
}
