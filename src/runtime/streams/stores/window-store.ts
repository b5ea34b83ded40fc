import type { ChangelogWriter, StateStore, StoreSpec } from './state-store.ts';
import { keyId, rowOverheadBytes } from './state-store.ts';

export interface WindowRow {
  readonly key: unknown;
  readonly start: number;
  /** Only of sessions; else the start says it. */
  readonly end: number;
  readonly value: unknown;
  readonly timestamp: number;
}

/** How often, in parts of the retention, expired rows are looked for. */
const sweepsPerRetention = 4;
const boundBytes = 16;

/** Rows by key and by the start and end of a window. Each key's rows are sorted by start, then end. */
export class WindowStore implements StateStore {
  readonly name: string;
  readonly #spec: StoreSpec;
  readonly #write: ChangelogWriter | null;
  readonly #keys = new Map<unknown, WindowRow[]>();
  #rows = 0;
  #observed = -1;
  #nextSweep = 0;

  constructor(spec: StoreSpec, write: ChangelogWriter | null) {
    this.name = spec.name;
    this.#spec = spec;
    this.#write = write;
  }

  get rows(): number {
    return this.#rows;
  }
  get bytes(): number {
    return this.#rows * rowOverheadBytes + this.#keys.size * rowOverheadBytes;
  }

  get(key: unknown, start: number, end = start + this.#spec.windowMs): WindowRow | null {
    return this.#of(key).find((row) => row.start === start && row.end === end) ?? null;
  }

  /** Rows that begin in a range, both ends included, oldest first. */
  fetch(key: unknown, from: number, to: number): WindowRow[] {
    return this.#of(key).filter(({ start }) => start >= from && start <= to);
  }

  /** Rows that end at or after one time and begin at or before another, oldest first. */
  overlapping(key: unknown, earliestEnd: number, latestStart: number): WindowRow[] {
    return this.#of(key).filter(({ start, end }) => end >= earliestEnd && start <= latestStart);
  }

  /** null deletes. With `several`, rows of the same bounds stand beside each other. */
  put(row: WindowRow, several = false): void {
    this.#set(row, several);
    const { key: keys, value: values, topic = this.name } = this.#spec;
    const value = row.value === null ? null : values.encode(row.value, topic);
    this.#write?.(withBounds(keys.encode(row.key, topic), row), value, row.timestamp);
    this.#advance(row.timestamp);
  }

  *entries(): IterableIterator<WindowRow> {
    for (const rows of this.#keys.values()) yield* rows;
  }

  restore(bytes: Uint8Array, valueBytes: Uint8Array | null, timestamp: number): void {
    const { key: keys, value: values, topic = this.name } = this.#spec;
    const { keyBytes, start, end } = splitBounds(bytes);
    const value = valueBytes === null ? null : values.decode(valueBytes, topic);
    this.#set({ key: keys.decode(keyBytes, topic), start, end, value, timestamp }, false);
    this.#observed = Math.max(this.#observed, timestamp);
  }

  clear(): void {
    this.#keys.clear();
    this.#rows = 0;
    this.#observed = -1;
    this.#nextSweep = 0;
  }

  #of(key: unknown): readonly WindowRow[] {
    return this.#keys.get(keyId(key, this.#spec.key, this.name)) ?? [];
  }

  #set(row: WindowRow, several: boolean): void {
    const id = keyId(row.key, this.#spec.key, this.name);
    let rows = this.#keys.get(id);
    if (!rows) {
      if (row.value === null) return;
      rows = [];
      this.#keys.set(id, rows);
    }
    // New windows are mostly the latest.
    let at = rows.length;
    while (at > 0 && isBefore(row, rows[at - 1]!)) at--;
    const same = at > 0 && rows[at - 1]!.start === row.start && rows[at - 1]!.end === row.end;
    if (row.value === null) {
      if (same) {
        rows.splice(at - 1, 1);
        this.#rows--;
        if (rows.length === 0) this.#keys.delete(id);
      }
    } else if (same && !several) rows[at - 1] = row;
    else {
      rows.splice(at, 0, row);
      this.#rows++;
    }
  }

  /** Forgets rows that nothing can reach any more; their tombstones are left to the changelog's retention. */
  #advance(timestamp: number): void {
    this.#observed = Math.max(this.#observed, timestamp);
    if (this.#observed < this.#nextSweep) return;
    const { retentionMs } = this.#spec;
    this.#nextSweep = this.#observed + Math.max(1, Math.floor(retentionMs / sweepsPerRetention));
    const oldest = this.#observed - retentionMs;
    for (const [id, rows] of this.#keys) {
      const kept = rows.filter(({ end }) => end >= oldest);
      if (kept.length === rows.length) continue;
      this.#rows -= rows.length - kept.length;
      if (kept.length === 0) this.#keys.delete(id);
      else this.#keys.set(id, kept);
    }
  }
}

const isBefore = (one: WindowRow, other: WindowRow) =>
  one.start < other.start || (one.start === other.start && one.end < other.end);

/** The key's bytes with start and end behind them. */
function withBounds(key: Uint8Array, { start, end }: WindowRow): Uint8Array {
  const bytes = Buffer.allocUnsafe(key.length + boundBytes);
  bytes.set(key);
  bytes.writeBigInt64BE(BigInt(start), key.length);
  bytes.writeBigInt64BE(BigInt(end), key.length + 8);
  return bytes;
}

function splitBounds(bytes: Uint8Array): { keyBytes: Uint8Array; start: number; end: number } {
  const at = bytes.length - boundBytes;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    keyBytes: bytes.subarray(0, at),
    start: Number(view.readBigInt64BE(at)),
    end: Number(view.readBigInt64BE(at + 8)),
  };
}
