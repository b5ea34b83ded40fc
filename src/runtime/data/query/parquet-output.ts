import { access, constants, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type DuckDBConnection, DuckDBDataChunk, DuckDBInstance, VARCHAR } from '@duckdb/node-api';
import { DdsError } from '../../../errors/index.ts';
import type { JsonValue, QueryColumn } from '../../jobs/sinks/index.ts';
import { isWorthKeeping, type RowOutput } from './output.ts';

export interface ParquetFile extends RowOutput {
  /** Bytes of the file; 0 when none was written. */
  readonly bytes: number;
}

const chunkRows = 2048;

/**
 * Writes the rows to a Parquet file with the columns' own types. They are gathered in a database of this process, which goes to
 * disk beside the file when it grows large; the file appears at the end, whole, or not at all.
 * Throws DDS_FILE_EXISTS or DDS_FILE_UNWRITABLE, before anything is asked.
 */
export async function parquetOutput(file: string, options: { force: boolean }): Promise<ParquetFile> {
  const path = resolve(file);
  if (!options.force && (await exists(path))) {
    throw new DdsError('DDS_FILE_EXISTS', `${file} exists already`, { details: { file } });
  }
  await access(dirname(path), constants.W_OK).catch((cause) => {
    throw unwritable(file, cause);
  });
  const aside = `${path}.${process.pid}.part`;
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: '256MB',
    threads: '1',
    temp_directory: `${aside}.d`,
    preserve_insertion_order: 'true',
  });
  const connection = await instance.connect();
  let select = '';
  let width = 0;
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    async start(columns) {
      width = columns.length;
      const names = uniqueNames(columns);
      await connection.run(`CREATE TABLE staged (${columns.map((_, at) => `c${at} VARCHAR`).join(', ')})`);
      const values = [];
      for (const [at, { type }] of columns.entries()) {
        values.push(`${await typedValue(connection, `c${at}`, type)} AS ${quoted(names[at]!)}`);
      }
      select = `SELECT ${values.join(', ')} FROM staged`;
    },
    async rows(rows) {
      const appender = await connection.createAppender('staged');
      for (let at = 0; at < rows.length; at += chunkRows) {
        const part = rows.slice(at, at + chunkRows);
        const chunk = DuckDBDataChunk.create(
          Array.from({ length: width }, () => VARCHAR),
          part.length,
        );
        chunk.setColumns(Array.from({ length: width }, (_, column) => part.map((row) => text(row[column]!))));
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
    },
    async end(result) {
      if (select === '' || !isWorthKeeping(result)) return;
      try {
        await connection.run(`COPY (${select}) TO '${aside.replaceAll("'", "''")}' (FORMAT parquet)`);
        await rename(aside, path);
        ({ size: bytes } = await stat(path));
      } catch (cause) {
        throw unwritable(file, cause);
      }
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
      await rm(aside, { force: true });
      await rm(`${aside}.d`, { recursive: true, force: true });
    },
  };
}

/** The SQL that makes a value of the type again from the text that came over the wire; text where there is no way back. */
async function typedValue(connection: DuckDBConnection, column: string, type: string): Promise<string> {
  if (type === 'BLOB') return `from_base64(${column})`;
  if (type === 'JSON' || type === 'VARCHAR') return column;
  const isNested = /\[|^(STRUCT|MAP|UNION)\(/.test(type);
  // Base64 and pairs inside of JSON are no blobs and maps to DuckDB.
  if (isNested && /\b(MAP|BLOB|UNION|BIT)\b/.test(type)) return column;
  const value = `CAST(${column}${isNested ? '::JSON' : ''} AS ${type})`;
  const isKnown = await connection.run(`SELECT CAST(NULL AS ${type})`).then(
    () => true,
    () => false,
  );
  return isKnown ? value : column;
}

function text(value: JsonValue): string | null {
  if (value === null || typeof value === 'string') return value;
  return JSON.stringify(value);
}

/** Parquet has no two columns of one name. */
function uniqueNames(columns: readonly QueryColumn[]): string[] {
  const taken = new Set<string>();
  return columns.map(({ name }) => {
    let free = name;
    for (let n = 1; taken.has(free.toLowerCase()); n++) free = `${name}_${n}`;
    taken.add(free.toLowerCase());
    return free;
  });
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

function unwritable(file: string, cause: unknown): DdsError {
  const message = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0];
  return new DdsError('DDS_FILE_UNWRITABLE', `cannot write ${file}: ${message}`, {
    cause,
    details: { file },
  });
}
