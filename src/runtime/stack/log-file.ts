import { closeSync, copyFileSync, openSync, readSync, statSync, truncateSync } from 'node:fs';

/** A log is moved to `<file>.1` when it has grown to this many bytes; one old file is kept. */
const longestLogBytes = 16 * 1024 * 1024;

/**
 * Keeps a log from growing for ever. The service writes to the file itself, in append mode, so that its last words
 * are there even when the supervisor is dead; therefore the file is copied and cut instead of renamed.
 */
export function rotateLog(file: string, limitBytes = longestLogBytes): boolean {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size < limitBytes) return false;
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
  return true;
}

/** The last lines of a log, oldest first; empty when there is none. */
export function lastLines(file: string, count: number, fromByte = 0): string[] {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const from = Math.max(fromByte, size - 64 * 1024);
  if (size <= from) return [];
  const bytes = Buffer.alloc(size - from);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, bytes, 0, bytes.length, from);
  } finally {
    closeSync(fd);
  }
  return bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count);
}
