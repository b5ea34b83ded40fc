import type { Logger } from '../../../shared/logger.ts';
import { BatchScanner } from './batch-scanner.ts';
import type { StorageHealth } from './health.ts';
import type { Directory } from './interface.ts';
import { mend } from './mending.ts';
import { Segment } from './segment.ts';
import { SegmentIndex } from './segment-index.ts';
import { offsetsOf } from './segment-names.ts';
import { finishSwaps } from './segment-swap.ts';
import { type Survey, surveyNow } from './survey.ts';

export const START_OFFSET_FILE = 'log-start-offset';
const NO_END = Number.POSITIVE_INFINITY;

export interface OpenedSegments {
  segments: Segment[];
  nextOffset: number;
  startOffset: number;
}

interface Opening {
  directory: Directory;
  clean: boolean;
  health: StorageHealth;
  log: Logger;
}

/**
 * Opens what is there after any end. After a crash the last segment is read whole; a segment without a fitting index is
 * too. What is damaged is cut out (storage/mending.ts). Segments that look well are read later, while the broker
 * already serves (state/scrub.ts), so that a start does not take the longer the more is stored.
 */
export function openSegments(opening: Opening): OpenedSegments {
  const { directory, log } = opening;
  finishSwaps(directory);
  const names = directory.list();
  const bases = offsetsOf(names, 'log');
  const written = names.includes(START_OFFSET_FILE) ? readStartOffset(directory, bases[0] ?? 0, log) : 0;
  if (bases.length === 0) bases.push(written);
  const segments = bases.map((base) => new Segment(directory, base));
  const last = segments.length - 1;
  for (let at = 0; at < last; at++) segments[at] = openClosed(opening, segments[at]!, bases[at + 1]!);
  const active = openActive(opening, segments[last]!);
  segments[last] = active.segment;
  const { nextOffset } = active;
  return { segments, nextOffset, startOffset: Math.min(Math.max(written, bases[0]!), nextOffset) };
}

function readStartOffset(directory: Directory, fallback: number, log: Logger): number {
  const text = directory.read(START_OFFSET_FILE)?.toString() ?? '';
  if (/^\d{1,15}\n$/.test(text)) return Number(text);
  const where = { partition: directory.path, file: START_OFFSET_FILE };
  log.warn(where, `the log's start is not readable: it starts at ${fallback}`);
  return fallback;
}

function openClosed(opening: Opening, segment: Segment, endOffset: number): Segment {
  const { directory, log } = opening;
  const saved = SegmentIndex.load(directory, segment.baseOffset, segment.size);
  if (saved) {
    segment.index = saved;
    segment.firstAppendMs = 0;
    return segment;
  }
  const where = { partition: directory.path, segment: segment.baseOffset };
  log.warn(where, 'the index of a log segment is missing or damaged: built anew');
  const { segment: opened } = readWhole(opening, segment, endOffset);
  try {
    opened.index.save(directory);
  } catch (error) {
    opening.health.writeFailed(error, directory.path);
  }
  return opened;
}

function openActive(opening: Opening, segment: Segment): { segment: Segment; nextOffset: number } {
  const { directory, clean } = opening;
  const saved = clean ? SegmentIndex.load(directory, segment.baseOffset, segment.size) : null;
  if (saved) {
    segment.index = saved;
    segment.firstAppendMs = firstTime(segment);
    let nextOffset = segment.baseOffset;
    const scanner = new BatchScanner(segment.file, saved.lastPosition);
    let areInOrder = true;
    for (let batch = scanner.next(); batch; batch = scanner.next()) {
      areInOrder &&= batch.baseOffset >= nextOffset;
      nextOffset = batch.nextOffset;
    }
    if (areInOrder && !scanner.fault) return { segment, nextOffset };
  }
  return readWhole(opening, segment, NO_END);
}

/** Reads a segment from its first byte to its last, and leaves it sound. */
function readWhole({ directory, health, log }: Opening, segment: Segment, endOffset: number) {
  const { file, baseOffset, size } = segment;
  const found = surveyNow({ file, baseOffset, endOffset, size });
  const { nextOffset, gaps, soundBytes } = found;
  const tail = gaps.at(-1);
  if (endOffset === NO_END && gaps.length === 1 && tail!.position === soundBytes) {
    const where = { partition: directory.path, segment: baseOffset, ...tail };
    log.warn(where, 'torn tail cut: the last write before the crash was not complete');
    file.truncate(soundBytes);
    health.remember({ partition: directory.path, segment: baseOffset, ...tail! });
    return { segment: withIndex(segment, found), nextOffset };
  }
  try {
    return { segment: withIndex(mend(directory, segment, found, endOffset, health), found), nextOffset };
  } catch (error) {
    // A disk that takes nothing: served up to the damage, and mended when a read meets it again.
    health.writeFailed(error, directory.path);
    return { segment, nextOffset };
  }
}

function withIndex(segment: Segment, { index }: Survey): Segment {
  segment.index = index;
  segment.firstAppendMs = firstTime(segment);
  return segment;
}

/** The time of the first record stands for that of the first append. */
function firstTime(segment: Segment): number | null {
  if (segment.size === 0) return null;
  return new BatchScanner(segment.file).next()?.maxTimestamp ?? 0;
}
