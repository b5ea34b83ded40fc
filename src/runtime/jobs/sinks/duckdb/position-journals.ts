import type { DuckDBConnection } from '@duckdb/node-api';
import {
  isPartition,
  isSource,
  type PartitionProgress,
  type Progress,
  type SourceProgress,
} from '../progress.ts';

/** Rows of both journals at which they are rewritten to one row for each partition and source. */
const compactAtRows = 50_000;

/**
 * Keeps positions in the same transactions as the rows. They are journals: what changed is appended and the last row counts,
 * because an appended row costs a hundredth of an updated one.
 */
export class PositionJournals {
  readonly #progress: Progress;
  #rows = 0;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  /** Reads what is committed; forgets everything that is not. */
  async load(connection: DuckDBConnection): Promise<void> {
    this.#progress.forget();
    this.#rows = 0;
    const stored = await rows(
      connection,
      `SELECT topic, partition, arg_max(topic_id, rowid), arg_max(next_offset, rowid), count(*)
       FROM _dds.positions GROUP BY ALL`,
    );
    type StoredPosition = [string, number, string, bigint, bigint];
    for (const [topic, partition, topicId, next, count] of stored as StoredPosition[]) {
      const progress = this.#progress.partition(topic, partition);
      progress.topicId = topicId;
      progress.next = progress.committed = Number(next);
      this.#rows += Number(count);
    }
    const sources = await rows(
      connection,
      `SELECT site, source_topic_id, topic, partition, max(highest_offset), count(*) FROM _dds.sources GROUP BY ALL`,
    );
    for (const row of sources as [string, string, string, number, bigint, bigint][]) {
      const source = this.#progress.source(row[0], row[1], row[2], row[3]);
      source.highest = source.committed = Number(row[4]);
      this.#rows += Number(row[5]);
    }
  }

  /** Writes what changed, in the open transaction. */
  async write(connection: DuckDBConnection): Promise<void> {
    const changed = [...this.#progress.changed];
    await append(connection, changed);
    this.#rows += changed.length;
  }

  /** Rewrites the journals when they have grown long; outside of a transaction. */
  async compact(connection: DuckDBConnection, atRows = compactAtRows): Promise<void> {
    if (this.#rows < atRows) return;
    await connection.run('BEGIN; DELETE FROM _dds.positions; DELETE FROM _dds.sources');
    const committed = this.#progress.all().filter((one) => one.committed >= 0);
    await append(connection, committed);
    await connection.run('COMMIT');
    this.#rows = committed.length;
  }
}

async function append(
  connection: DuckDBConnection,
  changed: readonly (PartitionProgress | SourceProgress)[],
): Promise<void> {
  const partitions = changed.filter(isPartition);
  const sources = changed.filter(isSource);
  // An appender costs as much as its rows: none is opened in vain.
  if (partitions.length > 0) {
    const appender = await connection.createAppender('positions', '_dds');
    for (const one of partitions) {
      appender.appendVarchar(one.topic);
      appender.appendInteger(one.partition);
      appender.appendVarchar(one.topicId);
      appender.appendBigInt(BigInt(one.next));
      appender.endRow();
    }
    appender.closeSync();
  }
  if (sources.length > 0) {
    const appender = await connection.createAppender('sources', '_dds');
    for (const one of sources) {
      appender.appendVarchar(one.site);
      appender.appendVarchar(one.sourceTopicId);
      appender.appendVarchar(one.topic);
      appender.appendInteger(one.partition);
      appender.appendBigInt(BigInt(one.highest));
      appender.endRow();
    }
    appender.closeSync();
  }
}

async function rows(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRows();
}
