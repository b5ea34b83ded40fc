import type { Directory } from './interface.ts';
import { offsetName, offsetsOf, segmentFile } from './segment-names.ts';

/**
 * Replaces a stretch of segments by one rewritten segment, so that a crash at any moment leaves either all old ones
 * or the new one. `<base>.cleaned` is being written and means nothing; once renamed to `<base>-<end>.swap` it stands
 * for all segments from base (inclusive) to end (exclusive), and every start finishes what was begun.
 */
export const cleanedName = (base: number): string => `${offsetName(base)}.cleaned`;
const swapName = (base: number, end: number): string => `${offsetName(base)}-${offsetName(end)}.swap`;
const SWAP = /^(\d{20})-(\d{20})\.swap$/;

export function commitSwap(directory: Directory, base: number, end: number): void {
  directory.rename(cleanedName(base), swapName(base, end));
  finishSwap(directory, base, end);
}

function finishSwap(directory: Directory, base: number, end: number): void {
  for (const old of offsetsOf(directory.list(), 'log')) {
    if (old < base || old >= end) continue;
    directory.remove(segmentFile(old, 'index'));
    directory.remove(segmentFile(old, 'timeindex'));
    if (old !== base) directory.remove(segmentFile(old, 'log'));
  }
  directory.rename(swapName(base, end), segmentFile(base, 'log'));
}

/** At start: drops what was only half written, completes what was decided. */
export function finishSwaps(directory: Directory): void {
  for (const name of directory.list()) {
    if (name.endsWith('.cleaned') || name.endsWith('.tmp')) directory.remove(name);
    const swap = SWAP.exec(name);
    if (swap) finishSwap(directory, Number(swap[1]), Number(swap[2]));
  }
}
