import { open, readdir, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { DdsError } from '../../errors/index.ts';
import { nearNames } from '../../shared/near-names.ts';
import type { StateDirectory } from './state-directory.ts';

/** One line of a service's log, as `dds logs --json` prints it. */
export interface LogLine {
  service: string;
  /** ISO 8601. A line that carries none has the time of the line before it; null when there was none. */
  time: string | null;
  level: string;
  message: string;
  /** What else the line says; empty for plain text. */
  fields: Record<string, unknown>;
}

export interface ReadLogsOptions {
  directory: StateDirectory;
  /** Services or sites; none means all. */
  services: readonly string[];
  /** How many of the last lines, over all services together. */
  lines: number;
  /** Goes on with new lines until it is aborted; null to end after those that are there. */
  signal: AbortSignal | null;
  /** ISO 8601: only lines of this time or later, and the files are read whole for them. */
  from?: string;
}

const pollMs = 200;
/** As much of the end of each file is read for the last lines. */
const tailBytes = 256 * 1024;

/** Lines of all logs in the order of their times, from the files themselves: it works without a supervisor. */
export async function* readLogs(options: ReadLogsOptions): AsyncGenerator<LogLine, void, undefined> {
  const { directory, services, lines, signal, from = '' } = options;
  const readers = (await logServices(directory, services)).map(
    (service) => new LogTail(directory, service, from === '' ? tailBytes : Number.POSITIVE_INFINITY),
  );
  const last = (await Promise.all(readers.map((reader) => reader.read()))).flat();
  const recent = last.filter(({ time }) => (time ?? '') >= from);
  yield* lines === 0 ? [] : sorted(recent).slice(-lines);
  while (signal && !signal.aborted) {
    const fresh = (await Promise.all(readers.map((reader) => reader.read()))).flat();
    yield* sorted(fresh);
    if (fresh.length === 0) await pause(signal);
  }
}

async function logServices(directory: StateDirectory, wanted: readonly string[]): Promise<string[]> {
  const files = await readdir(directory.logs).catch(() => []);
  const known = files
    .filter((file) => file.endsWith('.log'))
    .map((file) => basename(file, '.log').replace('.', '/'))
    .sort();
  const unknown = wanted.find((name) => !known.some((service) => matches(service, name)));
  if (unknown !== undefined) {
    const near = nearNames(unknown, known, 1)[0];
    throw new DdsError('DDS_UNKNOWN_SERVICE', `no service "${unknown}" in the stack "${directory.stack}"`, {
      hint: near
        ? `Did you mean ${near}? There are ${known.join(', ')}.`
        : `There are ${known.join(', ') || 'none'}.`,
    });
  }
  return known.filter((service) => wanted.length === 0 || wanted.some((name) => matches(service, name)));
}

const matches = (service: string, name: string) => service === name || service.startsWith(`${name}/`);
const sorted = (lines: LogLine[]) => lines.sort((a, b) => (a.time ?? '').localeCompare(b.time ?? ''));

/** Reads what was added to one file since the last look. */
class LogTail {
  readonly #file: string;
  readonly #service: string;
  readonly #firstBytes: number;
  #position: number | null = null;
  #time: string | null = null;

  constructor(directory: StateDirectory, service: string, firstBytes: number) {
    this.#firstBytes = firstBytes;
    this.#service = service;
    this.#file = directory.logFile(service);
  }

  async read(): Promise<LogLine[]> {
    const size = (await stat(this.#file).catch(() => null))?.size ?? 0;
    const first = this.#position === null;
    let from = this.#position ?? Math.max(0, size - this.#firstBytes);
    if (size < from) from = 0; // It was rotated.
    this.#position = from;
    if (size === from) return [];
    const bytes = await readRange(this.#file, from, size);
    const end = bytes.lastIndexOf(0x0a) + 1; // What follows the last line's end is read once it is whole.
    this.#position = from + end;
    const lines = bytes.toString('utf8', 0, end).split('\n');
    if (first && from > 0) lines.shift(); // The first is only the end of a line.
    return lines.filter((line) => line.trim() !== '').map((line) => this.#parse(line));
  }

  #parse(line: string): LogLine {
    const record = parseObject(line);
    if (!record)
      return { service: this.#service, time: this.#time, level: 'info', message: line, fields: {} };
    const { time, level, msg, service: _service, ...fields } = record;
    if (typeof time === 'string') this.#time = time;
    const message = typeof msg === 'string' ? msg : '';
    return { service: this.#service, time: this.#time, level: String(level ?? 'info'), message, fields };
  }
}

function parseObject(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}

async function readRange(file: string, from: number, to: number): Promise<Buffer> {
  await using handle = await open(file, 'r');
  const bytes = Buffer.alloc(to - from);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
  return bytes.subarray(0, bytesRead);
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, pollMs);
    signal.addEventListener('abort', done);
  });
}
