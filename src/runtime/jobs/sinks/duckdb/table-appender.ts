import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api';
import type { RecordPlace, TableRows } from '../store.ts';
import { quoted } from '../table-names.ts';
import type { TopicTable } from '../topic-table.ts';
import { chunkType } from './column-types.ts';
import { ownColumns } from './dialect.ts';

/** DuckDB's vector size: the most that a chunk holds. */
const chunkRows = 2048;
const maxSqlMillis = 9_000_000_000_000_000 / 1000;

/**
 * Collects rows by columns and hands them to DuckDB a chunk at a time: half the cost of appending value by value. For a
 * `latest` table it keeps the last row of each key until the transaction ends.
 */
export class TableAppender implements TableRows {
  readonly table: TopicTable;
  /** Null while the topic has no table: then nothing of it can be stored, and nothing taken away. */
  readonly #appender: DuckDBAppender | null;
  readonly #latest: Map<string, DuckDBValue[] | null> | null;
  readonly #types: DuckDBType[];
  /** Places of `ownColumns`, in their order. */
  readonly #places: number[];
  #columns: DuckDBValue[][];
  #rows = 0;

  constructor(table: TopicTable, appender: DuckDBAppender | null) {
    this.table = table;
    this.#appender = appender;
    this.#latest = table.mode === 'latest' ? new Map() : null;
    this.#types = table.columns.map((column) => chunkType(column.sql));
    this.#places = ownColumns.map(({ name }) => table.placeOf(name));
    this.#columns = this.#types.map(() => []);
  }

  append(row: DuckDBValue[], place: RecordPlace): string | null {
    const { key, timestampMs } = place;
    const places = this.#places;
    row[places[0]!] = key;
    row[places[1]!] = BigInt(place.latencyMs);
    row[places[2]!] = place.site;
    row[places[3]!] = place.progress.partition;
    row[places[4]!] = BigInt(place.offset);
    row[places[5]!] =
      Math.abs(timestampMs) < maxSqlMillis ? new DuckDBTimestampValue(BigInt(timestampMs) * 1000n) : null;
    if (this.#latest) this.#latest.set(key!, row.slice());
    else this.#push(row);
    return null;
  }

  remove({ key }: RecordPlace): null {
    this.#latest?.set(key!, null);
    return null;
  }

  /** Gives all rows to the open transaction. */
  async finish(connection: DuckDBConnection): Promise<void> {
    if (!this.#appender) return;
    if (this.#latest && this.#latest.size > 0) {
      await this.#deleteKeys(connection, [...this.#latest.keys()]);
      for (const row of this.#latest.values()) if (row) this.#push(row);
    }
    this.#flushChunk();
    this.#appender.closeSync();
  }

  #push(row: readonly DuckDBValue[]): void {
    const columns = this.#columns;
    for (let i = 0; i < columns.length; i++) columns[i]!.push(row[i]!);
    if (++this.#rows === chunkRows) this.#flushChunk();
  }

  #flushChunk(): void {
    if (this.#rows === 0 || !this.#appender) return;
    const chunk = DuckDBDataChunk.create(this.#types, this.#rows);
    chunk.setColumns(this.#columns);
    this.#appender.appendDataChunk(chunk);
    this.#columns = this.#types.map(() => []);
    this.#rows = 0;
  }

  async #deleteKeys(connection: DuckDBConnection, keys: string[]): Promise<void> {
    await connection.run('CREATE TEMP TABLE IF NOT EXISTS replaced (key VARCHAR)');
    const appender = await connection.createAppender('replaced', 'main', 'temp');
    for (let at = 0; at < keys.length; at += chunkRows) {
      const part = keys.slice(at, at + chunkRows);
      const chunk = DuckDBDataChunk.create([VARCHAR], part.length);
      chunk.setColumns([part]);
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    await connection.run(
      `DELETE FROM ${quoted(this.table.name)} WHERE _key IN (SELECT key FROM temp.replaced)`,
    );
    await connection.run('DELETE FROM temp.replaced');
  }
}
