/** File names as Kafka's: the first offset, twenty digits, and what is in the file. */
export type SegmentSuffix = 'log' | 'index' | 'timeindex' | 'snapshot' | 'damaged';

const OFFSET_DIGITS = 20;
const SEGMENT_FILE = /^(\d{20})\.(log|index|timeindex|snapshot)$/;

export const offsetName = (offset: number): string => String(offset).padStart(OFFSET_DIGITS, '0');
export const segmentFile = (baseOffset: number, suffix: SegmentSuffix): string =>
  `${offsetName(baseOffset)}.${suffix}`;

/** The first offsets of all files with that suffix, ascending. */
export function offsetsOf(names: readonly string[], suffix: SegmentSuffix): number[] {
  const offsets: number[] = [];
  for (const name of names) {
    const match = SEGMENT_FILE.exec(name);
    if (match && match[2] === suffix) offsets.push(Number(match[1]));
  }
  return offsets.sort((a, b) => a - b);
}
