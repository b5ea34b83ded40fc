import type { Logger } from '../../../shared/logger.ts';
import type { RecordBatch } from '../../protocol/index.ts';
import { BatchScanner } from './batch-scanner.ts';
import type { StorageHealth } from './health.ts';
import type { Directory } from './interface.ts';
import { mend } from './mending.ts';
import { openSegments, START_OFFSET_FILE } from './recovery.ts';
import { Segment } from './segment.ts';
import { floorIndex } from './segment-index.ts';
import { type Surveyed, surveyNow } from './survey.ts';

export interface LogOptions {
  directory: Directory;
  /** True when the broker stopped cleanly: indexes are trusted and no CRC is checked. */
  clean: boolean;
  health: StorageHealth;
  log: Logger;
}

/**
 * A partition's batches in segments. All calls are synchronous, so there is nothing to lock; offsets are given by
 * the caller (state/partition-log.ts), this keeps and finds bytes.
 */
export class Log {
  readonly directory: Directory;
  readonly #health: StorageHealth;
  readonly #log: Logger;
  /** Ascending; the last one is active. Never empty. */
  segments: Segment[];
  nextOffset: number;
  startOffset: number;
  isClosed = false;

  constructor({ directory, clean, health, log }: LogOptions) {
    this.directory = directory;
    this.#health = health;
    this.#log = log;
    const opened = openSegments({ directory, clean, health, log });
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
    const { active } = this;
    active.append(batch);
    active.firstAppendMs ??= nowMs;
    this.nextOffset = batch.nextOffset;
  }

  /** Whole batches from the one with `offset` on, at least one; null at the end of the log. The caller's own bytes. */
  read(offset: number, maxBytes: number): Buffer | null {
    if (offset >= this.nextOffset) return null;
    for (let at = this.#segmentAt(offset); at < this.segments.length; at++) {
      const segment = this.segments[at]!;
      const found = segment.read(offset, maxBytes);
      if (found) return found;
      if (segment.fault && this.mend(segment)) at--;
    }
    return null;
  }

  #segmentAt(offset: number): number {
    const bases = this.segments.map((segment) => segment.baseOffset);
    return Math.max(0, floorIndex(bases, offset));
  }

  /** Every sound batch from the one with `offset` on; each is valid only during its turn. */
  *batches(offset: number): Generator<RecordBatch> {
    let next = offset;
    for (let at = this.#segmentAt(offset); at < this.segments.length; at++) {
      const segment = this.segments[at]!;
      const scanner = new BatchScanner(segment.file, segment.index.positionFor(next));
      for (let batch = scanner.next(true); batch; batch = scanner.next(true)) {
        if (batch.lastOffset < next) continue;
        next = batch.nextOffset;
        yield batch;
      }
      if (scanner.fault && this.mend(segment)) at--;
    }
  }

  /** What there is to survey of a segment. */
  extentOf(segment: Segment): Surveyed {
    const { file, baseOffset, size } = segment;
    const endOffset = this.segments[this.segments.indexOf(segment) + 1]?.baseOffset ?? this.nextOffset;
    return { file, baseOffset, endOffset, size };
  }

  /**
   * Cuts damage out of a segment, or builds its index anew when that is what is wrong. True when the segment is sound
   * now, false when the disk does not allow it.
   */
  mend(segment: Segment): boolean {
    const where = { partition: this.directory.path, segment: segment.baseOffset };
    const at = this.segments.indexOf(segment);
    if (at < 0) return false;
    try {
      // Only what grows no more is rewritten.
      if (segment === this.active) this.roll();
      const extent = this.extentOf(segment);
      const found = surveyNow(extent);
      if (found.gaps.length === 0) this.#log.warn(where, 'the index of a log segment was wrong: built anew');
      const mended = mend(this.directory, segment, found, extent.endOffset, this.#health);
      mended.fault = null;
      this.replaceSegments(at, 1, [mended]);
      mended.index.save(this.directory);
      return true;
    } catch (error) {
      this.#health.writeFailed(error, this.directory.path);
      return false;
    }
  }

  /** The first batch with a record at or after the time (ms), of those that reach the offset. */
  batchAtTime(timestamp: number, fromOffset: number): RecordBatch | null {
    for (let at = 0; at < this.segments.length; at++) {
      const segment = this.segments[at]!;
      if (segment.index.maxTimestamp < timestamp) continue;
      let batch = segment.batchAtTime(timestamp, fromOffset);
      if (!batch && segment.fault && this.mend(segment)) {
        batch = this.segments[at]!.batchAtTime(timestamp, fromOffset);
      }
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
    // First what frees space: on a full disk no file can be written before.
    while (this.segments.length > 1 && this.segments[1]!.baseOffset <= offset) {
      this.segments.shift()!.remove(this.directory);
      this.startOffset = this.segments[0]!.baseOffset;
    }
    this.directory.replace(START_OFFSET_FILE, Buffer.from(`${offset}\n`));
    this.startOffset = offset;
  }

  /** Puts rewritten segments in place of the same stretch of old ones. */
  replaceSegments(from: number, count: number, by: Segment[]): void {
    this.segments.splice(from, count, ...by);
  }

  /** Resolves when all that was appended survives a loss of power, also what a roll has closed since the last call. */
  async sync(): Promise<void> {
    await Promise.all(this.segments.filter(({ isSynced }) => !isSynced).map((segment) => segment.sync()));
  }

  /** With `save`, what makes the next start quick is written. */
  close(save: boolean): void {
    this.isClosed = true;
    if (save) this.#health.attempt(this.directory.path, () => this.active.index.save(this.directory));
    for (const segment of this.segments) segment.close();
  }
}
