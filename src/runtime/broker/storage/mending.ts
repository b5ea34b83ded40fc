import type { StorageHealth } from './health.ts';
import type { Directory } from './interface.ts';
import { Segment } from './segment.ts';
import { segmentFile } from './segment-names.ts';
import { cleanedName, commitSwap } from './segment-swap.ts';
import type { Survey } from './survey.ts';

const COPY_BYTES = 1024 * 1024;

/**
 * Cuts damage out of a segment: sound batches stay byte for byte and what was taken out is kept in `<base>.damaged`. A
 * crash at any moment leaves the segment as it was, or mended. Returns the segment to go on with; throws when the disk
 * does not take it.
 */
export function mend(
  directory: Directory,
  segment: Segment,
  { gaps, index, soundBytes }: Survey,
  endOffset: number,
  health: StorageHealth,
): Segment {
  if (gaps.length === 0) {
    segment.index = index;
    return segment;
  }
  const { baseOffset, file } = segment;
  const read = (from: number, to: number): Buffer[] => {
    const chunks: Buffer[] = [];
    for (let at = from; at < to; at += COPY_BYTES)
      chunks.push(Buffer.from(file.read(at, Math.min(COPY_BYTES, to - at))));
    return chunks;
  };
  const size = file.size;
  keepDamaged(
    directory,
    baseOffset,
    gaps.flatMap(({ position, bytes }) => read(position, position + bytes)),
  );
  for (const gap of gaps) health.damaged({ partition: directory.path, segment: baseOffset, ...gap });
  if (gaps.length === 1 && gaps[0]!.position === soundBytes) {
    // Nothing sound behind it.
    file.truncate(soundBytes);
    segment.index = index;
    return segment;
  }
  directory.remove(cleanedName(baseOffset));
  const clean = directory.open(cleanedName(baseOffset));
  try {
    let from = 0;
    for (const { position, bytes } of [...gaps, { position: size, bytes: 0 }]) {
      for (const chunk of read(from, position)) clean.append([chunk]);
      from = position + bytes;
    }
  } catch (error) {
    clean.close();
    directory.remove(cleanedName(baseOffset));
    throw error;
  }
  clean.close();
  segment.close();
  commitSwap(directory, baseOffset, endOffset === Number.POSITIVE_INFINITY ? baseOffset + 1 : endOffset);
  const mended = new Segment(directory, baseOffset);
  mended.index = index;
  mended.firstAppendMs = segment.firstAppendMs;
  return mended;
}

/** For whoever wants to look; a full disk must not keep us from mending. */
function keepDamaged(directory: Directory, baseOffset: number, chunks: readonly Buffer[]): void {
  try {
    directory.replace(segmentFile(baseOffset, 'damaged'), Buffer.concat(chunks));
  } catch {
    directory.remove(segmentFile(baseOffset, 'damaged'));
  }
}
