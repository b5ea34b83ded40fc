/** A word as a POSIX shell reads it back. */
export const shellQuoted = (value: string): string =>
  /^[\w./:,@%+=-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
