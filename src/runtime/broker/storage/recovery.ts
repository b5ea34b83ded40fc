import type { Logger } from '../../../shared/logger.ts';
import { BatchScanner } from './batch-scanner.ts';
import type { Directory } from './interface.ts';
import { Segment } from './segment.ts';
import { SegmentIndex } from './segment-index.ts';
import { offsetsOf } from './segment-names.ts';
import { finishSwaps } from './segment-swap.ts';

export const START_OFFSET_FILE = 'log-start-offset';

export interface OpenedSegments {
  segments: Segment[];
  nextOffset: number;
  startOffset: number;
}

/**
 * Opens what is there after any end. Only the active segment can be torn: whatever a write left unfinished is the
 * tail of the last file. It is cut at the first bad batch. A bad batch in an older segment costs the rest of that
 * segment and nothing else: readers go on with the next one.
 */
export function openSegments(directory: Directory, clean: boolean, log: Logger): OpenedSegments {
  finishSwaps(directory);
  const written = Number(directory.read(START_OFFSET_FILE)?.toString() ?? 0);
  const bases = offsetsOf(directory.list(), 'log');
  if (bases.length === 0) bases.push(written);
  const segments = bases.map((base) => new Segment(directory, base));
  for (const segment of segments.slice(0, -1)) openClosed(directory, segment, log);
  const nextOffset = openActive(directory, segments.at(-1)!, clean, log);
  return { segments, nextOffset, startOffset: Math.min(Math.max(written, bases[0]!), nextOffset) };
}

function openClosed(directory: Directory, segment: Segment, log: Logger): void {
  const saved = SegmentIndex.load(directory, segment.baseOffset, segment.size);
  if (saved) {
    segment.index = saved;
    segment.firstAppendMs = 0;
    return;
  }
  const { fault, position } = scan(segment, true);
  if (fault) {
    const where = { partition: directory.path, segment: segment.baseOffset, position, fault };
    log.error(where, 'bad batch in a log segment: the rest of the segment is skipped');
  }
  segment.index.save(directory);
}

/** Returns the offset after the last good batch. */
function openActive(directory: Directory, segment: Segment, clean: boolean, log: Logger): number {
  const saved = clean ? SegmentIndex.load(directory, segment.baseOffset, segment.size) : null;
  if (saved) {
    segment.index = saved;
    segment.firstAppendMs = segment.size > 0 ? firstTime(segment) : null;
    let next = segment.baseOffset;
    const scanner = new BatchScanner(segment.file, saved.lastPosition);
    for (let batch = scanner.next(); batch; batch = scanner.next()) next = batch.nextOffset;
    if (!scanner.fault) return next;
  }
  const { fault, position, nextOffset } = scan(segment, true);
  if (fault) {
    const cutBytes = segment.size - position;
    segment.file.truncate(position);
    log.warn(
      { partition: directory.path, segment: segment.baseOffset, position, cutBytes, nextOffset, fault },
      'torn tail cut: the last write before the crash was not complete',
    );
  }
  return nextOffset;
}

/** Reads the whole segment, building its index anew. */
function scan(segment: Segment, checkCrc: boolean) {
  segment.index = new SegmentIndex(segment.baseOffset);
  const scanner = new BatchScanner(segment.file);
  let nextOffset = segment.baseOffset;
  for (let batch = scanner.next(checkCrc); batch; batch = scanner.next(checkCrc)) {
    if (batch.baseOffset < nextOffset) {
      const position = scanner.position - batch.size;
      return { fault: `offset ${batch.baseOffset} after ${nextOffset - 1}`, position, nextOffset };
    }
    segment.index.note(batch.baseOffset, scanner.position - batch.size, batch.size, batch.maxTimestamp);
    nextOffset = batch.nextOffset;
  }
  segment.firstAppendMs = segment.size > 0 ? firstTime(segment) : null;
  return { fault: scanner.fault, position: scanner.position, nextOffset };
}

/** The time of the first record stands for that of the first append. */
function firstTime(segment: Segment): number {
  return new BatchScanner(segment.file).next()?.maxTimestamp ?? 0;
}
