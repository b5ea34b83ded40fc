import type { DuckDBConnection } from '@duckdb/node-api';

/** How far a partition has been stored. `next` runs ahead of `committed` while a transaction is open. */
export interface PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  /** KIP-516 id of the topic the offsets belong to; '' where the cluster does not tell. */
  topicId: string;
  next: number;
  committed: number;
}

/** Highest offset at a source site, of what a relay brought, that is stored; everything at or below is a duplicate. */
export interface SourceProgress {
  readonly site: string;
  readonly sourceTopicId: string;
  readonly topic: string;
  readonly partition: number;
  highest: number;
  committed: number;
}

/** Rows of both journals at which they are rewritten to one row for each partition and source. */
const compactAtRows = 50_000;

/**
 * Positions of partitions and sources, kept in the same transactions as the rows. In the database they are journals:
 * what changed is appended and the highest row counts, because an appended row costs a hundredth of an updated one.
 */
export class Progress {
  readonly #partitions = new Map<string, PartitionProgress>();
  readonly #sources = new Map<string, SourceProgress>();
  readonly #changed = new Set<PartitionProgress | SourceProgress>();
  #journalRows = 0;

  /** Reads what is committed; forgets everything that is not. */
  async load(connection: DuckDBConnection): Promise<void> {
    this.#changed.clear();
    for (const one of this.#partitions.values()) one.next = one.committed = -1;
    for (const one of this.#sources.values()) one.highest = one.committed = -1;
    const stored = await rows(
      connection,
      `SELECT topic, partition, arg_max(topic_id, rowid), arg_max(next_offset, rowid), count(*)
       FROM _dds.positions GROUP BY ALL`,
    );
    this.#journalRows = 0;
    for (const [topic, partition, topicId, next, count] of stored as [
      string,
      number,
      string,
      bigint,
      bigint,
    ][]) {
      const progress = this.partition(topic, partition);
      progress.topicId = topicId;
      progress.next = progress.committed = Number(next);
      this.#journalRows += Number(count);
    }
    const sources = await rows(
      connection,
      `SELECT site, source_topic_id, topic, partition, max(highest_offset), count(*) FROM _dds.sources GROUP BY ALL`,
    );
    for (const row of sources as [string, string, string, number, bigint, bigint][]) {
      const source = this.source(row[0], row[1], row[2], row[3]);
      source.highest = source.committed = Number(row[4]);
      this.#journalRows += Number(row[5]);
    }
  }

  /** `next` is -1 while nothing is known of the partition. The same object for as long as the sink lives. */
  partition(topic: string, partition: number): PartitionProgress {
    const key = keyOf(topic, partition);
    let progress = this.#partitions.get(key);
    if (!progress) {
      progress = { topic, partition, topicId: '', next: -1, committed: -1 };
      this.#partitions.set(key, progress);
    }
    return progress;
  }

  /** The same object for as long as the sink lives. */
  source(site: string, sourceTopicId: string, topic: string, partition: number): SourceProgress {
    const key = `${site}\n${sourceTopicId}\n${keyOf(topic, partition)}`;
    let source = this.#sources.get(key);
    if (!source) {
      source = { site, sourceTopicId, topic, partition, highest: -1, committed: -1 };
      this.#sources.set(key, source);
    }
    return source;
  }

  advance(partition: PartitionProgress, next: number): void {
    partition.next = next;
    this.#changed.add(partition);
  }

  advanceSource(source: SourceProgress, highest: number): void {
    source.highest = highest;
    this.#changed.add(source);
  }

  /** Writes what changed, in the open transaction. */
  async write(connection: DuckDBConnection): Promise<void> {
    const partitions: PartitionProgress[] = [];
    const sources: SourceProgress[] = [];
    for (const one of this.#changed) {
      if ('next' in one) partitions.push(one);
      else sources.push(one);
    }
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

  committed(): void {
    this.#journalRows += this.#changed.size;
    for (const one of this.#changed) one.committed = 'next' in one ? one.next : one.highest;
    this.#changed.clear();
  }

  /** Rewrites the journals when they have grown long; outside of a transaction. */
  async compact(connection: DuckDBConnection, atRows = compactAtRows): Promise<void> {
    if (this.#journalRows < atRows) return;
    await connection.run('BEGIN; DELETE FROM _dds.positions; DELETE FROM _dds.sources');
    for (const one of this.#partitions.values()) if (one.committed >= 0) this.#changed.add(one);
    for (const one of this.#sources.values()) if (one.committed >= 0) this.#changed.add(one);
    await this.write(connection);
    await connection.run('COMMIT');
    this.#journalRows = 0;
    this.committed();
  }
}

const keyOf = (topic: string, partition: number) => `${topic}\n${partition}`;

async function rows(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRows();
}
