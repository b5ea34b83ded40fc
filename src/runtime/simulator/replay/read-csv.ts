import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { DdsError } from '../../../errors/index.ts';
import { nearNames } from '../../../shared/near-names.ts';
import { decimal } from '../quantities.ts';
import { type TemperatureUnit, temperatureUnits } from '../temperature-model.ts';
import type { ColumnMap, ReplayField, RowFilter } from './columns.ts';
import { parseRecordedTime } from './recorded-time.ts';
import { type Recording, RecordingBuilder } from './recording.ts';
import { type ReplayFormat, readRows } from './rows.ts';

export interface ReadCsvOptions {
  path: string;
  /** What messages call the file: as the user typed it. */
  name: string;
  map: ColumnMap;
  filter: RowFilter;
  /** Unit of readings without a column for it. */
  unit: TemperatureUnit;
}

/**
 * Reads the whole file, so that nothing is sent of one that has a mistake in its last line. RFC 4180 with a header
 * row; `signal` ends it early.
 * @throws DDS_FILE_UNREADABLE; DDS_INPUT_INVALID, which names file, line, column and value
 */
export async function readCsv(options: ReadCsvOptions, signal?: AbortSignal): Promise<Recording> {
  const { path, name } = options;
  const builder = new RecordingBuilder();
  let reader: RowReader | undefined;
  const parser = parse({
    bom: true,
    skip_empty_lines: true,
    // We count the columns ourselves, so that the first mistake in the file is the one that is named.
    relax_column_count: true,
    on_record(row: string[], { lines }) {
      if (reader) reader.row(row, lines);
      else reader = new RowReader(options, row, builder);
      return null;
    },
  });
  parser.resume();
  try {
    await pipeline(createReadStream(path), parser, signal ? { signal } : {});
  } catch (thrown) {
    throw asDdsError(thrown, name);
  }
  if (!reader) throw invalid(`${name}: the file is empty, a header row was expected`, { file: name });
  const recording = builder.build();
  if (recording.count === 0) {
    const wanted = options.filter.map(({ column, value }) => `${column}=${value}`).join(' and ');
    throw invalid(`${name}: no row${wanted && ` with ${wanted}`}`, { file: name });
  }
  return recording;
}

/** The same of a file whose rows are objects. */
export async function readReadings(
  options: ReadCsvOptions,
  format: ReplayFormat,
  signal?: AbortSignal,
): Promise<Recording> {
  if (format === 'csv') return await readCsv(options, signal);
  const builder = new RecordingBuilder();
  let reader: RowReader | undefined;
  let header: string[] = [];
  for await (const { line, values } of readRows(options.path, options.name, format, signal)) {
    if (!reader) {
      header = Object.keys(values);
      reader = new RowReader(options, header, builder);
    }
    const texts = header.map((column) => {
      const value = values[column];
      return value === null || value === undefined
        ? ''
        : typeof value === 'string'
          ? value
          : JSON.stringify(value);
    });
    reader.row(texts, line);
  }
  const recording = builder.build();
  if (recording.count === 0)
    throw invalid(`${options.name}: there is no row to replay`, { file: options.name });
  return recording;
}

/** Turns rows into readings, by the columns that the header names. */
class RowReader {
  readonly #options: ReadCsvOptions;
  readonly #header: readonly string[];
  readonly #builder: RecordingBuilder;
  readonly #filter: readonly { at: number; value: string }[];
  readonly #sensorAt: number;
  readonly #timeAt: number;
  readonly #temperatureAt: number;
  readonly #unitAt: number;

  constructor(options: ReadCsvOptions, header: readonly string[], builder: RecordingBuilder) {
    this.#options = options;
    this.#header = header.map((name) => name.trim());
    this.#builder = builder;
    this.#sensorAt = this.#field('sensor_id');
    this.#timeAt = this.#field('timestamp');
    this.#temperatureAt = this.#field('temperature');
    const hasUnit = options.map.unit !== undefined || this.#header.includes('unit');
    this.#unitAt = hasUnit ? this.#field('unit') : -1;
    this.#filter = options.filter.map(({ column, value }) => ({ at: this.#column(column), value }));
  }

  row(row: readonly string[], line: number): void {
    if (row.length !== this.#header.length) {
      const { name: file } = this.#options;
      const found = `${row.length} ${row.length === 1 ? 'column' : 'columns'} instead of ${this.#header.length}`;
      throw invalid(`${file}:${line}: ${found}`, { file, line });
    }
    // Rows that are left out are checked as well: a broken file is not half-good.
    const sensorId = row[this.#sensorAt]!.trim();
    if (sensorId === '') throw this.#bad(row, line, this.#sensorAt, 'an id');
    const timeMs = parseRecordedTime(row[this.#timeAt]!);
    if (timeMs === null) throw this.#bad(row, line, this.#timeAt, 'a time (ISO 8601, or seconds or ms)');
    const temperature = decimal(row[this.#temperatureAt]!);
    if (temperature === null) throw this.#bad(row, line, this.#temperatureAt, 'a number');
    let unit = temperatureUnits.indexOf(this.#options.unit);
    if (this.#unitAt >= 0) {
      unit = temperatureUnits.indexOf(row[this.#unitAt]!.trim() as TemperatureUnit);
      if (unit < 0) throw this.#bad(row, line, this.#unitAt, 'C, F or K');
    }
    if (this.#filter.every(({ at, value }) => row[at]!.trim() === value)) {
      this.#builder.add({ sensorId, timeMs, temperature, unit });
    }
  }

  #field(field: ReplayField): number {
    const named = this.#options.map[field];
    return this.#column(named ?? field, named === undefined ? field : undefined);
  }

  #column(name: string, unmapped?: ReplayField): number {
    const at = this.#header.indexOf(name);
    if (at >= 0) return at;
    const { name: file } = this.#options;
    const [guess] = nearNames(name, this.#header, 1);
    const hint = unmapped
      ? `Name the column with --map ${unmapped}=COLUMN; the file has ${this.#header.join(', ')}.`
      : `${guess ? `Did you mean ${guess}? ` : ''}The file has ${this.#header.join(', ')}.`;
    throw invalid(`${file}:1: there is no column ${name}`, { file, line: 1, column: name }, hint);
  }

  #bad(row: readonly string[], line: number, at: number, expected: string): DdsError {
    const { name: file } = this.#options;
    const column = this.#header[at]!;
    const value = row[at]!;
    return invalid(`${file}:${line}: column ${column} is ${JSON.stringify(value)}, not ${expected}`, {
      file,
      line,
      column,
      value,
    });
  }
}

function invalid(message: string, details: Record<string, unknown>, hint?: string): DdsError {
  return new DdsError('DDS_INPUT_INVALID', message, { details, ...(hint && { hint }) });
}

function asDdsError(thrown: unknown, file: string): unknown {
  if (thrown instanceof DdsError) return thrown;
  if (thrown instanceof CsvError) {
    const line = Number(thrown.lines);
    // The parser's message names the line, which we put first.
    const what = thrown.message.replace(/ (at|on) line \d+.*$/s, '');
    return invalid(`${file}:${line}: ${what}`, { file, line });
  }
  const code = (thrown as NodeJS.ErrnoException).code;
  if (code === undefined || code === 'ABORT_ERR') return thrown;
  const reasons: Record<string, string> = { ENOENT: 'there is no such file', EISDIR: 'it is a directory' };
  return new DdsError('DDS_FILE_UNREADABLE', `cannot read ${file}: ${reasons[code] ?? code}`, {
    details: { file },
    cause: thrown,
  });
}
