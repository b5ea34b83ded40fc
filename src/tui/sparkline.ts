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

/** The same for fewer columns than values: each bar is the sum of the values it stands for. */
export function condense(values: ArrayLike<number>, columns: number): number[] {
  const sums = new Array<number>(columns).fill(0);
  for (let i = 0; i < values.length; i++) {
    sums[Math.floor((i * columns) / values.length)]! += values[i]!;
  }
  return sums;
}
