import type { Directory } from './interface.ts';
import { segmentFile } from './segment-names.ts';

/** One entry for this many bytes of log: a search reads at most so much too many (Kafka: index.interval.bytes). */
export const INTERVAL_BYTES = 8192;
const OFFSET_ENTRY_BYTES = 8;
const TIME_ENTRY_BYTES = 12;

/** The last of the sorted numbers that is <= wanted; -1 when there is none. */
export function floorIndex(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= wanted) low = middle + 1;
    else high = middle - 1;
  }
  return high;
}

/**
 * Sparse: offset → position of a batch, and highest time so far → offset. On disk both have Kafka's layout
 * (kafka.log.OffsetIndex, TimeIndex): relative offset and position; time and relative offset.
 */
export class SegmentIndex {
  readonly baseOffset: number;
  #offsets: number[] = [];
  #positions: number[] = [];
  #times: number[] = [];
  #timeOffsets: number[] = [];
  /** Highest record time in the segment, ms; -1 when it is empty. */
  maxTimestamp = -1;
  /** Base offset of the batch that has it. */
  maxTimestampOffset = -1;
  #unindexedBytes = INTERVAL_BYTES;

  constructor(baseOffset: number) {
    this.baseOffset = baseOffset;
  }

  /** Called for every batch, in order. */
  note(offset: number, position: number, length: number, maxTimestamp: number): void {
    if (this.#unindexedBytes >= INTERVAL_BYTES) {
      this.#offsets.push(offset);
      this.#positions.push(position);
      this.#noteTime();
      this.#unindexedBytes = 0;
    }
    this.#unindexedBytes += length;
    if (maxTimestamp > this.maxTimestamp) {
      this.maxTimestamp = maxTimestamp;
      this.maxTimestampOffset = offset;
    }
  }

  #noteTime(): void {
    if (this.maxTimestamp <= (this.#times.at(-1) ?? -1)) return;
    this.#times.push(this.maxTimestamp);
    this.#timeOffsets.push(this.maxTimestampOffset);
  }

  /** Position of a batch at or before the offset. */
  positionFor(offset: number): number {
    return this.#positions[floorIndex(this.#offsets, offset)] ?? 0;
  }

  /** Position from which to look for the first batch with a record at or after the time: all before are younger. */
  positionForTime(timestamp: number): number {
    const at = floorIndex(this.#times, timestamp - 1);
    return at < 0 ? 0 : this.positionFor(this.#timeOffsets[at]!);
  }

  /** Where the last entry points: from there on the file has to be walked. */
  get lastPosition(): number {
    return this.#positions.at(-1) ?? 0;
  }

  /** True when both lead to the same batches. */
  agreesWith(other: SegmentIndex): boolean {
    return (
      this.#offsets.length === other.#offsets.length &&
      this.#offsets.every((offset, i) => offset === other.#offsets[i]) &&
      this.#positions.every((position, i) => position === other.#positions[i])
    );
  }

  save(directory: Directory): void {
    this.#noteTime();
    const offsets = Buffer.alloc(this.#offsets.length * OFFSET_ENTRY_BYTES);
    for (let i = 0; i < this.#offsets.length; i++) {
      offsets.writeUInt32BE(this.#offsets[i]! - this.baseOffset, i * OFFSET_ENTRY_BYTES);
      offsets.writeUInt32BE(this.#positions[i]!, i * OFFSET_ENTRY_BYTES + 4);
    }
    const times = Buffer.alloc(this.#times.length * TIME_ENTRY_BYTES);
    for (let i = 0; i < this.#times.length; i++) {
      times.writeBigInt64BE(BigInt(this.#times[i]!), i * TIME_ENTRY_BYTES);
      times.writeUInt32BE(this.#timeOffsets[i]! - this.baseOffset, i * TIME_ENTRY_BYTES + 8);
    }
    directory.replace(segmentFile(this.baseOffset, 'index'), offsets);
    directory.replace(segmentFile(this.baseOffset, 'timeindex'), times);
  }

  /** The saved index of a segment whose log has `logBytes`; null when it is missing or cannot belong to it. */
  static load(directory: Directory, baseOffset: number, logBytes: number): SegmentIndex | null {
    const offsets = directory.read(segmentFile(baseOffset, 'index'));
    const times = directory.read(segmentFile(baseOffset, 'timeindex'));
    if (!offsets || !times) return null;
    if (offsets.length % OFFSET_ENTRY_BYTES !== 0 || times.length % TIME_ENTRY_BYTES !== 0) return null;
    if ((offsets.length === 0) !== (logBytes === 0)) return null;
    const index = new SegmentIndex(baseOffset);
    for (let at = 0; at < offsets.length; at += OFFSET_ENTRY_BYTES) {
      const offset = baseOffset + offsets.readUInt32BE(at);
      const position = offsets.readUInt32BE(at + 4);
      const last = index.#offsets.length - 1;
      if (last >= 0 && (offset <= index.#offsets[last]! || position <= index.#positions[last]!)) return null;
      index.#offsets.push(offset);
      index.#positions.push(position);
    }
    if (index.lastPosition >= logBytes && logBytes > 0) return null;
    for (let at = 0; at < times.length; at += TIME_ENTRY_BYTES) {
      index.#times.push(Number(times.readBigInt64BE(at)));
      index.#timeOffsets.push(baseOffset + times.readUInt32BE(at + 8));
    }
    index.maxTimestamp = index.#times.at(-1) ?? -1;
    index.maxTimestampOffset = index.#timeOffsets.at(-1) ?? -1;
    index.#unindexedBytes = logBytes - index.lastPosition;
    return index;
  }
}
