import type { RecordPlace, TableRows } from '../store.ts';
import type { TopicTable } from '../topic-table.ts';
import type { BatchWriter } from './batch-writer.ts';
import { bytesOfInt, bytesOfLong, bytesOfText } from './encode.ts';
import type { Statement } from './session.ts';
import { deleteFrom, insertInto, ownNames, type TableLayout } from './table.ts';

/** A batch is sent when it has so many bytes of records: well below what Cassandra refuses by default. */
const batchBytes = 32 << 10;
/** Half of what fits into a commit log segment by default. */
const largestRecord = 8 << 20;
/** Smaller records are not measured as rows: JSON does not take so many times the bytes of Avro. */
const mayBeLarge = 64 << 10;
const longestKey = 65_535;
/** Beyond that, microseconds would not be whole numbers any more. */
const latestMs = 9e12;

interface Batch {
  statements: Statement[];
  bytes: number;
}

const nothing = Buffer.alloc(0);

/**
 * Rows of a table on their way: of a table with every record, a batch for each partition of Cassandra's; of a `latest` table, the
 * last row of each key. What is written tells when by the record's time and offset, so that writing it again changes nothing.
 */
export class PartitionRows implements TableRows {
  readonly table: TopicTable;
  readonly #layout: TableLayout;
  readonly #writer: BatchWriter;
  readonly #insert: string;
  readonly #delete: string;
  readonly #batches = new Map<string, Batch>();
  readonly #latest = new Map<string, Statement>();
  /** Places of our own columns. */
  readonly #at: Readonly<Record<string, number>>;
  readonly #id: number;
  /** The last site, in bytes; most often it is the next one's, too. */
  #site: { name: string; bytes: Buffer } = { name: '', bytes: nothing };

  constructor(table: TopicTable, layout: TableLayout, writer: BatchWriter) {
    this.table = table;
    this.#layout = layout;
    this.#writer = writer;
    this.#insert = insertInto(table);
    this.#delete = deleteFrom(table);
    const { before, behind } = ownNames[table.mode];
    this.#at = Object.fromEntries([...before, ...behind].map(({ name }) => [name, table.placeOf(name)]));
    this.#id = table.columns.findIndex(({ name }) => name === layout.idColumn);
  }

  append(row: unknown[], place: RecordPlace): string | null {
    const at = this.#at;
    const params = row.slice();
    const bytes = place.bytes > mayBeLarge ? Math.max(place.bytes, bytesOfRow(row)) : place.bytes;
    if (bytes > largestRecord) return `${bytes} bytes are too many for a row of Cassandra`;
    params[at._key!] = place.key === null ? undefined : bytesOfText(place.key);
    params[at.latency_ms!] = bytesOfLong(place.latencyMs);
    params[at.site!] = this.#siteBytes(place.site);
    params[at._partition!] = bytesOfInt(place.progress.partition);
    params[at._offset!] = bytesOfLong(place.offset);
    params[at._timestamp!] = bytesOfLong(place.timestampMs);
    return this.table.mode === 'latest' ? this.#replace(params, place) : this.#add(params, place, bytes);
  }

  remove(place: RecordPlace): string | null {
    const problem = keyProblem(place.key!);
    if (problem !== null || !this.table.exists) return problem;
    const params = [bytesOfLong(nextMicros(place)), bytesOfText(place.key!)];
    this.#latest.set(place.key!, { query: this.#delete, params });
    return null;
  }

  /** Sends what is left. */
  finish(): void {
    for (const { statements } of this.#batches.values()) this.#writer.add(statements);
    for (const statement of this.#latest.values()) this.#writer.add([statement]);
  }

  #add(params: unknown[], place: RecordPlace, bytes: number): string | null {
    const { measuredMs, progress } = place;
    const at = this.#at;
    const { bucketMs } = this.#layout;
    const bucket = Math.floor(measuredMs / bucketMs) * bucketMs;
    const id = (params[this.#id] as Buffer | null | undefined) ?? nothing;
    if (id.length > longestKey) return `an id of ${id.length} bytes is too long for a key of Cassandra`;
    params[this.#id] = id;
    params[at.bucket!] = bytesOfLong(bucket);
    params[at.ts!] = bytesOfLong(measuredMs);
    params[at._generation!] = bytesOfInt(progress.generation);
    // A null would be a tombstone; left out, there is nothing.
    for (let i = 0; i < params.length; i++) if (params[i] === null) params[i] = undefined;
    params.push(bytesOfLong(recordMicros(place)));
    const key = `${bucket} ${id.toString('latin1')}`;
    let batch = this.#batches.get(key);
    if (!batch) {
      batch = { statements: [], bytes: 0 };
      this.#batches.set(key, batch);
    }
    batch.statements.push({ query: this.#insert, params });
    batch.bytes += bytes;
    if (batch.bytes >= batchBytes) {
      this.#batches.delete(key);
      this.#writer.add(batch.statements);
    }
    return null;
  }

  #replace(params: unknown[], place: RecordPlace): string | null {
    const problem = keyProblem(place.key!);
    if (problem !== null) return problem;
    params.push(bytesOfLong(nextMicros(place)));
    this.#latest.set(place.key!, { query: this.#insert, params });
    return null;
  }

  #siteBytes(name: string): Buffer {
    if (this.#site.name !== name) this.#site = { name, bytes: bytesOfText(name) };
    return this.#site.bytes;
  }
}

/** Of the fields, as they are sent: what has parts is JSON there. */
const bytesOfRow = (row: readonly unknown[]): number =>
  row.reduce<number>((sum, value) => sum + ((value as Buffer | null)?.length ?? 0), 0);

function keyProblem(key: string): string | null {
  if (key === '') return 'an empty key, which Cassandra does not take';
  const length = Buffer.byteLength(key);
  return length > longestKey ? `a key of ${length} bytes is too long for Cassandra` : null;
}

/** When the record was written, as far as Cassandra is concerned: made of it alone. */
function recordMicros({ timestampMs, offset }: RecordPlace): number {
  return Math.min(Math.max(timestampMs, 0), latestMs) * 1000 + (offset % 1000);
}

/** The same, but later than the record before it in its partition: the last of a key has to win, whatever its time. */
function nextMicros(place: RecordPlace): number {
  const { progress } = place;
  progress.writtenMicros = Math.max(recordMicros(place), progress.writtenMicros + 1);
  return progress.writtenMicros;
}
