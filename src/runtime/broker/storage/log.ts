import type { Logger } from '../../../shared/logger.ts';
import type { RecordBatch } from '../../protocol/index.ts';
import { BatchScanner } from './batch-scanner.ts';
import type { Directory } from './interface.ts';
import { openSegments, START_OFFSET_FILE } from './recovery.ts';
import { Segment } from './segment.ts';
import { floorIndex } from './segment-index.ts';
import { Tail, type TailCache } from './tail-cache.ts';

export interface LogOptions {
  directory: Directory;
  /** True when the broker stopped cleanly: indexes are trusted and no CRC is checked. */
  clean: boolean;
  cache: TailCache;
  log: Logger;
}

/**
 * A partition's batches in segments. All calls are synchronous, so there is nothing to lock; offsets are given by
 * the caller (state/partition-log.ts), this keeps and finds bytes.
 */
export class Log {
  readonly directory: Directory;
  readonly #cache: TailCache;
  readonly #tail = new Tail();
  readonly #log: Logger;
  /** Ascending; the last one is active. Never empty. */
  segments: Segment[];
  nextOffset: number;
  startOffset: number;
  isClosed = false;

  constructor({ directory, clean, cache, log }: LogOptions) {
    this.directory = directory;
    this.#cache = cache;
    this.#log = log;
    const opened = openSegments(directory, clean, log);
    this.segments = opened.segments;
    this.nextOffset = opened.nextOffset;
    this.startOffset = opened.startOffset;
  }

  get active(): Segment {
    return this.segments.at(-1)!;
  }

  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.size, 0);
  }

  /** Appends one batch whose offsets are set. In the page cache when it returns. */
  append(batch: RecordBatch, nowMs: number): void {
    const bytes = batch.bytes;
    const { active } = this;
    active.append(batch, bytes);
    active.firstAppendMs ??= nowMs;
    this.nextOffset = batch.nextOffset;
    this.#cache.add(this.#tail, batch.baseOffset, bytes);
  }

  /** Whole batches from the one with `offset` on, at least one; empty at the end of the log. */
  read(offset: number, maxBytes: number): Buffer[] {
    if (offset >= this.nextOffset) return [];
    const cached = this.#tail.read(offset, maxBytes);
    if (cached) return cached;
    for (let at = this.#segmentAt(offset); at < this.segments.length; at++) {
      const found = this.segments[at]!.read(offset, maxBytes);
      if (found) return [found];
    }
    return [];
  }

  #segmentAt(offset: number): number {
    const bases = this.segments.map((segment) => segment.baseOffset);
    return Math.max(0, floorIndex(bases, offset));
  }

  /** Every batch from the one with `offset` on; each is valid only during its turn. */
  *batches(offset: number): Generator<RecordBatch> {
    for (let at = this.#segmentAt(offset); at < this.segments.length; at++) {
      const segment = this.segments[at]!;
      const scanner = new BatchScanner(segment.file, segment.index.positionFor(offset));
      for (let batch = scanner.next(); batch; batch = scanner.next()) {
        if (batch.lastOffset >= offset) yield batch;
      }
      if (scanner.fault) this.#reportFault(segment, scanner);
    }
  }

  #reportFault(segment: Segment, { fault, position }: BatchScanner): void {
    const where = { partition: this.directory.path, segment: segment.baseOffset, position, fault };
    this.#log.error(where, 'bad batch in a log segment: the rest of the segment is skipped');
  }

  /** The first batch with a record at or after the time (ms). */
  batchAtTime(timestamp: number): RecordBatch | null {
    for (const segment of this.segments) {
      if (segment.index.maxTimestamp < timestamp) continue;
      const batch = segment.batchAtTime(timestamp, this.startOffset);
      if (batch) return batch;
    }
    return null;
  }

  /** Highest record time of the log, ms; -1 when it is empty. */
  get maxTimestamp(): number {
    return this.segments.reduce((max, { index }) => Math.max(max, index.maxTimestamp), -1);
  }

  /** Closes the active segment and starts a new one. */
  roll(): void {
    if (this.active.size === 0) return;
    // Before the new one exists: whatever is not the last segment has a complete index.
    this.active.index.save(this.directory);
    this.segments.push(new Segment(this.directory, this.nextOffset));
  }

  /** Records before `offset` are gone: whole segments are removed, the rest is hidden. */
  deleteBefore(offset: number): void {
    if (offset <= this.startOffset) return;
    this.startOffset = offset;
    this.directory.replace(START_OFFSET_FILE, Buffer.from(`${offset}\n`));
    while (this.segments.length > 1 && this.segments[1]!.baseOffset <= offset) {
      this.segments.shift()!.remove(this.directory);
    }
  }

  /** Puts rewritten segments in place of the same stretch of old ones. */
  replaceSegments(from: number, count: number, by: Segment[]): void {
    this.segments.splice(from, count, ...by);
    // It has records that are gone now.
    this.#cache.clear(this.#tail);
  }

  /** Resolves when all that was appended survives a loss of power. */
  sync(): Promise<void> {
    return this.active.file.sync();
  }

  /** With `save`, what makes the next start quick is written. */
  close(save: boolean): void {
    this.isClosed = true;
    if (save) this.active.index.save(this.directory);
    this.#cache.clear(this.#tail);
    for (const segment of this.segments) segment.close();
  }
}
