import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api';
import { quoted } from './table-names.ts';
import type { TopicTable } from './topic-table.ts';

/** DuckDB's vector size: the most that a chunk holds. */
const chunkRows = 2048;

/**
 * Collects rows by columns and hands them to DuckDB a chunk at a time: half the cost of appending value by value. For a
 * `latest` table it keeps the last row of each key until the transaction ends.
 */
export class TableAppender {
  readonly table: TopicTable;
  /** Null while the topic has no table: then nothing of it can be stored, and nothing taken away. */
  readonly #appender: DuckDBAppender | null;
  readonly #latest: Map<string, DuckDBValue[] | null> | null;
  #columns: DuckDBValue[][];
  #rows = 0;

  constructor(table: TopicTable, appender: DuckDBAppender | null) {
    this.table = table;
    this.#appender = appender;
    this.#latest = table.mode === 'latest' ? new Map() : null;
    this.#columns = table.types.map(() => []);
  }

  /** Adds a row, its values in the order of the table's columns. The array is the caller's to use again. */
  append(row: readonly DuckDBValue[]): void {
    if (this.#latest) this.#latest.set(row[this.table.ownPlaces[0]!] as string, row.slice());
    else this.#push(row);
  }

  /** Removes the row of a key; only for a `latest` table. */
  remove(key: string): void {
    this.#latest?.set(key, null);
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
    const chunk = DuckDBDataChunk.create(this.table.types, this.#rows);
    chunk.setColumns(this.#columns);
    this.#appender.appendDataChunk(chunk);
    this.#columns = this.table.types.map(() => []);
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
