import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { DdsError } from '../../../errors/index.ts';

export type ReplayFormat = 'csv' | 'ndjson' | 'parquet';

/** One row of a file; values are as JSON has them (texts in CSV). */
export interface Row {
  /** Line of the file; of a Parquet file, number of the row. */
  line: number;
  values: Readonly<Record<string, unknown>>;
}

/** By the file's extension unless it is said. Throws DDS_USAGE. */
export function formatOf(file: string, said: ReplayFormat | undefined): ReplayFormat {
  if (said) return said;
  const extension = /\.([a-z0-9]+)$/i.exec(file)?.[1]?.toLowerCase() ?? '';
  if (extension === 'csv') return 'csv';
  if (extension === 'ndjson' || extension === 'jsonl') return 'ndjson';
  if (extension === 'parquet') return 'parquet';
  throw new DdsError('DDS_USAGE', `--replay ${file}: the format is not known by its name`, {
    hint: 'Name it with --replay-format csv, ndjson or parquet.',
  });
}

/**
 * The rows of a file in its order, a chunk in memory at a time.
 * @throws DDS_FILE_UNREADABLE; DDS_INPUT_INVALID with file and line
 */
export async function* readRows(
  path: string,
  name: string,
  format: ReplayFormat,
  signal?: AbortSignal,
): AsyncGenerator<Row> {
  try {
    await access(path);
    if (format === 'csv') yield* csvRows(path, name);
    else if (format === 'ndjson') yield* ndjsonRows(path, name, signal);
    else yield* parquetRows(path, name, signal);
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? '';
    if (thrown instanceof DdsError || !/^E[A-Z]+$/.test(code)) throw thrown;
    const reasons: Record<string, string> = { ENOENT: 'there is no such file', EISDIR: 'it is a directory' };
    throw new DdsError('DDS_FILE_UNREADABLE', `cannot read ${name}: ${reasons[code] ?? code}`, {
      details: { file: name },
      cause: thrown,
    });
  }
}

async function* ndjsonRows(path: string, name: string, signal?: AbortSignal): AsyncGenerator<Row> {
  const input = createReadStream(path, { encoding: 'utf8' });
  let line = 0;
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      signal?.throwIfAborted();
      line++;
      const trimmed = text.replace(/^\uFEFF/, '').trim();
      if (trimmed === '') continue;
      let values: unknown;
      try {
        values = JSON.parse(trimmed);
      } catch {
        throw badRow(name, line, `${shown(trimmed)} is not JSON`);
      }
      if (typeof values !== 'object' || values === null || Array.isArray(values)) {
        throw badRow(name, line, `${shown(trimmed)} is not a JSON object`);
      }
      yield { line, values: values as Record<string, unknown> };
    }
  } finally {
    input.destroy();
  }
}

async function* csvRows(path: string, name: string): AsyncGenerator<Row> {
  const { parse, CsvError } = await import('csv-parse');
  const parser = createReadStream(path).pipe(
    parse({ bom: true, columns: true, skip_empty_lines: true, info: true }),
  );
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>) {
      yield { line: info.lines, values: record };
    }
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown;
    throw badRow(name, Number(thrown.lines), thrown.message.replace(/ (at|on) line \d+.*$/s, ''));
  }
}

async function* parquetRows(path: string, name: string, signal?: AbortSignal): AsyncGenerator<Row> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    const connection = await instance.connect();
    try {
      const result = await connection.stream(`SELECT * FROM read_parquet('${path.replaceAll("'", "''")}')`);
      let line = 0;
      for await (const rows of result.yieldRowObjectJson()) {
        signal?.throwIfAborted();
        for (const values of rows) yield { line: ++line, values };
      }
    } finally {
      connection.closeSync();
    }
  } catch (thrown) {
    if (thrown instanceof DdsError || signal?.aborted) throw thrown;
    const what = (thrown as Error).message.split('\n')[0];
    throw new DdsError('DDS_FILE_UNREADABLE', `cannot read ${name} as Parquet: ${what}`, {
      details: { file: name },
      cause: thrown,
    });
  } finally {
    instance.closeSync();
  }
}

export function badRow(
  file: string,
  line: number,
  what: string,
  details: Record<string, unknown> = {},
): DdsError {
  return new DdsError('DDS_INPUT_INVALID', `${file}:${line}: ${what}`, {
    details: { file, line, ...details },
  });
}

export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
