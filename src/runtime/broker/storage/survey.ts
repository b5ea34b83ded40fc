import { BATCH_HEADER_BYTES, RecordBatch } from '../../protocol/index.ts';
import { BatchScanner } from './batch-scanner.ts';
import type { ByteFile } from './interface.ts';
import { SegmentIndex } from './segment-index.ts';

const WINDOW_BYTES = 1024 * 1024;
const MAGIC_AT = 16;
const MAGIC = 2;

/** Bytes of a segment that are no sound batch. */
export interface Gap {
  position: number;
  bytes: number;
  /** First offset that is missing, and the first one that is there again; equal when none can have been there. */
  fromOffset: number;
  toOffset: number;
  fault: string;
}

/** What a segment really holds. */
export interface Survey {
  gaps: Gap[];
  /** Where the file would hold only sound batches: the index of that file. */
  index: SegmentIndex;
  soundBytes: number;
  nextOffset: number;
}

export interface Surveyed {
  file: ByteFile;
  baseOffset: number;
  /** Where the next segment begins; what would go beyond is no batch of this one. */
  endOffset: number;
  /** Bytes to look at. */
  size: number;
}

/**
 * Reads every batch of a segment and checks its CRC; goes on behind damage wherever sound batches follow. Pauses after
 * each batch, so that the caller may give the event loop back.
 */
export function* survey({ file, baseOffset, endOffset, size }: Surveyed): Generator<void, Survey> {
  const found: Survey = {
    gaps: [],
    index: new SegmentIndex(baseOffset),
    soundBytes: 0,
    nextOffset: baseOffset,
  };
  const scanner = new BatchScanner(file, 0, size);
  /** The CRC doesn't cover the offset: one that is damaged is told by the batch behind it, which has the right one. */
  const isAhead = (batch: RecordBatch, position: number, due: number): boolean => {
    const header = file.read(position, Math.min(BATCH_HEADER_BYTES, size - position));
    if (header.length < BATCH_HEADER_BYTES) return false;
    const { baseOffset } = new RecordBatch(header);
    const contradicts = baseOffset >= due && baseOffset < batch.nextOffset;
    return contradicts && new BatchScanner(file, position, size).next(true) !== null;
  };
  for (;;) {
    const start = scanner.position;
    const batch = scanner.next(true);
    const isDue = batch && batch.baseOffset >= found.nextOffset && batch.nextOffset <= endOffset;
    if (
      isDue &&
      !(batch.baseOffset > found.nextOffset && isAhead(batch, scanner.position, found.nextOffset))
    ) {
      found.index.note(batch.baseOffset, found.soundBytes, batch.size, batch.maxTimestamp);
      found.soundBytes += batch.size;
      found.nextOffset = batch.nextOffset;
      yield;
      continue;
    }
    if (!batch && !scanner.fault) return found;
    const fault = scanner.fault ?? `offset ${batch!.baseOffset} where ${found.nextOffset} is due`;
    const next = nextSound(file, start, size, found.nextOffset, endOffset);
    found.gaps.push({
      position: start,
      bytes: (next?.position ?? size) - start,
      fromOffset: found.nextOffset,
      toOffset: next?.baseOffset ?? (endOffset === Number.POSITIVE_INFINITY ? found.nextOffset : endOffset),
      fault,
    });
    if (!next) return found;
    scanner.resumeAt(next.position);
    yield;
  }
}

interface Place {
  position: number;
  baseOffset: number;
}

/** The first sound batch behind the damage at `from`; null when none follows. */
function nextSound(
  file: ByteFile,
  from: number,
  size: number,
  lowest: number,
  endOffset: number,
): Place | null {
  const soundAt = (position: number): Place | null => {
    const batch = new BatchScanner(file, position, size).next(true);
    const fits = batch && batch.baseOffset >= lowest && batch.nextOffset <= endOffset;
    return fits ? { position, baseOffset: batch.baseOffset } : null;
  };
  // Most damage leaves the length whole: look there first, before a batch inside a record could be taken for one.
  const header = file.read(from, BATCH_HEADER_BYTES);
  if (header.length === BATCH_HEADER_BYTES) {
    const length = new RecordBatch(header).size;
    const next = length >= BATCH_HEADER_BYTES && from + length < size ? soundAt(from + length) : null;
    if (next) return next;
  }
  for (let start = from + 1; start + BATCH_HEADER_BYTES <= size; start += WINDOW_BYTES) {
    const window = file.read(start, Math.min(WINDOW_BYTES + BATCH_HEADER_BYTES, size - start));
    const candidates = Math.min(WINDOW_BYTES, window.length - BATCH_HEADER_BYTES + 1);
    for (let at = 0; at < candidates; at++) {
      if (window[at + MAGIC_AT] !== MAGIC) continue;
      const batch = new RecordBatch(window, at);
      const isLikely =
        batch.size >= BATCH_HEADER_BYTES &&
        start + at + batch.size <= size &&
        batch.baseOffset >= lowest &&
        batch.nextOffset <= endOffset;
      const next = isLikely ? soundAt(start + at) : null;
      if (next) return next;
    }
  }
  return null;
}

/** A survey in one go. */
export function surveyNow(segment: Surveyed): Survey {
  const steps = survey(segment);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
