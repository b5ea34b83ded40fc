import type { RecordBatch } from '../../protocol/index.ts';
import { BatchScanner } from './batch-scanner.ts';
import type { ByteFile, Directory } from './interface.ts';
import { INTERVAL_BYTES, SegmentIndex } from './segment-index.ts';
import { segmentFile } from './segment-names.ts';

/** One file of a partition's log, and its index. */
export class Segment {
  readonly baseOffset: number;
  readonly file: ByteFile;
  index: SegmentIndex;
  /** Wall-clock time of the first append, as well as it is known; null while empty. */
  firstAppendMs: number | null = null;
  /** What a read stumbled over: bytes that are no batch, or an index that leads astray. */
  fault: string | null = null;
  #syncedSize: number;

  constructor(directory: Directory, baseOffset: number) {
    this.baseOffset = baseOffset;
    this.file = directory.open(segmentFile(baseOffset, 'log'));
    this.index = new SegmentIndex(baseOffset);
    this.#syncedSize = this.size;
  }

  get size(): number {
    return this.file.size;
  }

  append(batch: RecordBatch): void {
    const position = this.size;
    this.#syncedSize = Math.min(this.#syncedSize, position);
    this.file.append([batch.bytes]);
    this.index.note(batch.baseOffset, position, batch.size, batch.maxTimestamp);
  }

  /** True when all that was appended survives a loss of power. */
  get isSynced(): boolean {
    return this.#syncedSize >= this.size;
  }

  async sync(): Promise<void> {
    const { size } = this;
    await this.file.sync();
    this.#syncedSize = Math.max(this.#syncedSize, size);
  }

  /** Whole batches, at least one, from the one that holds `offset`, or the next after a gap; null when there is none. */
  read(offset: number, maxBytes: number): Buffer | null {
    const from = this.index.positionFor(offset);
    // What is asked for comes with the batches that lead to it, in one read.
    const scanner = new BatchScanner(this.file, from, this.size, maxBytes + INTERVAL_BYTES);
    for (let batch = scanner.next(); batch; batch = scanner.next()) {
      if (batch.lastOffset < offset) continue;
      if (batch.baseOffset > offset && from > 0 && scanner.position - batch.size === from) {
        this.fault = `the index leads past offset ${offset}`;
        return null;
      }
      const start = scanner.position - batch.size;
      const wanted = Math.max(batch.size, Math.min(maxBytes, this.size - start));
      return wholeBatches(scanner.bytes(start, wanted) ?? this.file.read(start, wanted), batch.size);
    }
    this.fault ??= scanner.fault;
    return null;
  }

  /** The first batch that has a record at or after the time. A copy. */
  batchAtTime(timestamp: number, fromOffset: number): RecordBatch | null {
    const scanner = new BatchScanner(this.file, this.index.positionForTime(timestamp));
    for (let batch = scanner.next(); batch; batch = scanner.next()) {
      if (batch.maxTimestamp >= timestamp && batch.lastOffset >= fromOffset) return batch;
    }
    this.fault ??= scanner.fault;
    return null;
  }

  close(): void {
    this.file.close();
  }

  remove(directory: Directory): void {
    this.close();
    for (const suffix of ['log', 'index', 'timeindex', 'damaged'] as const) {
      directory.remove(segmentFile(this.baseOffset, suffix));
    }
  }
}

/** Cuts a buffer that starts with a whole batch of `firstSize` bytes after its last whole batch. */
function wholeBatches(bytes: Buffer, firstSize: number): Buffer {
  let end = firstSize;
  while (end + 17 <= bytes.length && bytes[end + 16] === 2) {
    const size = 12 + bytes.readInt32BE(end + 8);
    if (size <= 12 || end + size > bytes.length) break;
    end += size;
  }
  return bytes.subarray(0, end);
}
