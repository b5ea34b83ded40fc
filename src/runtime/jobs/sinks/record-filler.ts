import { isUtf8 } from 'node:buffer';
import {
  placeMark,
  siteHeader,
  sourceHeader,
  sourceHeaderBytes,
  sourceMarkAt,
  sourceOffsetAt,
} from '../../../shared/relay-headers.ts';
import type { FetchedPartition, RecordCursor } from '../../kafka/index.ts';
import { readWire, readWireId } from '../../serde/index.ts';
import type { PartitionStats } from './partition-stats.ts';
import type { Progress, SourceProgress } from './progress.ts';
import type { Round } from './round.ts';
import type { RecordPlace, TableRows } from './store.ts';
import type { RowPlan } from './topic-table.ts';

/** Turns the records of one partition into rows: the sink's hot loop. */
export class RecordFiller {
  readonly #stats: PartitionStats;
  readonly #progress: Progress;
  readonly #ownSite: string;
  /** Of this partition, as relays write it. */
  readonly #mark: number;
  readonly #row: unknown[] = [];
  readonly #place: RecordPlace;
  /** The source of the record before this one; most often it is this one's, too. */
  #siteBytes: Buffer | null = null;
  #site: string;
  #sourceIdBytes: Buffer | null = null;
  #source: SourceProgress | null = null;

  constructor(stats: PartitionStats, progress: Progress, ownSite: string) {
    this.#stats = stats;
    this.#progress = progress;
    this.#ownSite = ownSite;
    this.#mark = placeMark(stats.progress.topic, stats.progress.partition);
    this.#site = ownSite;
    const unknown = { key: null, offset: 0, timestampMs: 0, measuredMs: 0, latencyMs: 0, bytes: 0 };
    this.#place = { ...unknown, site: ownSite, progress: stats.progress };
  }

  /**
   * @param nowMs the moment the rows are written, ms since the epoch
   * Every schema id in the records must have a plan already.
   */
  fill(fetched: FetchedPartition, rows: TableRows, round: Round, nowMs: number): void {
    const { records } = fetched;
    const counts = round.of(this.#stats);
    const partition = this.#stats.progress;
    while (records.next()) {
      // A broker may send again what is stored: the batch that the position is in the middle of.
      if (records.offset < partition.next) continue;
      counts.bytes += records.size;
      counts.lastTimestamp = records.timestamp;
      if (this.#isDuplicate(records)) {
        counts.duplicates++;
        continue;
      }
      const problem = this.#store(records, rows, nowMs);
      if (problem === null) {
        counts.rows++;
        round.row(intendedMicros(records));
      } else if (problem !== removed) {
        counts.deadLetters++;
        round.deadLetters.push({
          stats: this.#stats,
          offset: records.offset,
          timestamp: records.timestamp,
          key: copy(records.key()),
          value: copy(records.value()),
          headers: records.headers().map(({ key, value }) => ({ key, value: value && Buffer.from(value) })),
          reason: problem,
        });
      }
    }
    round.bytes += fetched.bytes;
    this.#stats.highWatermark = fetched.highWatermark;
    this.#progress.advance(partition, fetched.nextOffset);
  }

  /** Also remembers the record's site, and how far its source has got. */
  #isDuplicate(records: RecordCursor): boolean {
    const site = records.header(siteHeader);
    if (!site) {
      this.#site = this.#ownSite;
      this.#siteBytes = null;
      return false;
    }
    if (!this.#siteBytes?.equals(site)) {
      this.#siteBytes = Buffer.from(site);
      this.#site = site.toString('utf8');
      this.#source = null;
    }
    const header = records.header(sourceHeader);
    if (header?.length !== sourceHeaderBytes || header.readUInt32BE(sourceMarkAt) !== this.#mark)
      return false;
    const id = header.subarray(0, sourceOffsetAt);
    if (this.#source === null || !this.#sourceIdBytes?.equals(id)) {
      this.#sourceIdBytes = Buffer.from(id);
      const { topic, partition } = this.#stats.progress;
      this.#source = this.#progress.source(this.#site, id.toString('hex'), topic, partition);
    }
    const offset = header.readUInt32BE(sourceOffsetAt) * 2 ** 32 + header.readUInt32BE(sourceOffsetAt + 4);
    if (offset <= this.#source.highest) return true;
    this.#progress.advanceSource(this.#source, offset);
    return false;
  }

  /** Null when there is a row more, `removed` when there is one less; else why the record can't be stored. */
  #store(records: RecordCursor, rows: TableRows, nowMs: number): string | null {
    const { table } = rows;
    const place = this.#place;
    place.offset = records.offset;
    place.timestampMs = records.timestamp;
    place.bytes = records.size;
    place.site = this.#site;
    const keyBytes = records.key();
    const value = records.value();
    if (table.mode === 'latest') {
      if (keyBytes === null) return 'no key, in a compacted topic';
      if (value === null) {
        place.key = keyText(keyBytes);
        return rows.remove(place) ?? removed;
      }
    }
    if (value === null) return 'no value (a tombstone), in a topic that is not compacted';
    const id = readWireId(value);
    const plan = id === null ? null : table.plans.get(id);
    if (plan === null || plan === undefined) return 'not Avro in the wire format of the Schema Registry';
    if (typeof plan === 'string') return plan;
    const decoded = readWire(plan.writer, value);
    if (decoded.error !== null) return decoded.error;
    const row = this.#row;
    try {
      this.#setFields(row, plan, decoded.value);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    place.key = keyBytes && keyText(keyBytes);
    place.measuredMs = measuredAt(plan, decoded.value) ?? records.timestamp;
    place.latencyMs = Math.round(nowMs - place.measuredMs);
    return rows.append(row, place);
  }

  #setFields(row: unknown[], plan: RowPlan, value: unknown): void {
    const { fields, converts } = plan;
    for (let i = 0; i < fields.length; i++) {
      const name = fields[i]!;
      const convert = converts[i];
      const one =
        convert == null
          ? null
          : plan.isRecord
            ? (value as Record<string, unknown>)[name]
            : (value as unknown);
      row[i] = one == null ? null : convert!(one as never);
    }
    row.length = fields.length;
  }
}

/** What `#store` answers when a tombstone took a row away; never a reason. */
const removed = '';

function measuredAt(plan: RowPlan, value: unknown): number | null {
  if (plan.timeField === null) return null;
  const time = (value as Record<string, unknown>)[plan.timeField];
  // 0 is the field's default: nobody said when it was.
  return typeof time === 'number' && time > 0 ? time : null;
}

function intendedMicros(records: RecordCursor): number {
  const header = records.header('dds-intended');
  if (header?.length !== 8) return records.timestamp * 1000;
  return header.readInt32BE(0) * 2 ** 32 + header.readUInt32BE(4);
}

function keyText(key: Buffer): string {
  return isUtf8(key) && !key.includes(0) ? key.toString('utf8') : `\\x${key.toString('hex')}`;
}

const copy = (bytes: Buffer | null) => bytes && Buffer.from(bytes);
