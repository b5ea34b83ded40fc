/** Record batches of magic 2 (KIP-98), read and patched where they lie. */
import { crc32c } from './crc32c.ts';
import { int64At, malformed } from './reader.ts';
import { putInt64 } from './writer.ts';

/** Bytes before the batch length counts: base offset and the length itself. */
export const BATCH_PREFIX_BYTES = 12;
/** Bytes before the first record. */
export const BATCH_HEADER_BYTES = 61;

/** Where the header's fields are, in bytes from the start of the batch. */
export const at = {
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
} as const;

const COMPRESSION_MASK = 0x07;
export const LOG_APPEND_TIME = 0x08;
export const TRANSACTIONAL = 0x10;
export const CONTROL = 0x20;
const DELETE_HORIZON = 0x40;

export const compressionNames = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Compression = (typeof compressionNames)[number];

/** Why a batch cannot be taken; the names are Kafka's error codes. */
export type BatchFault = { error: 'CORRUPT_MESSAGE' | 'UNSUPPORTED_FOR_MESSAGE_FORMAT'; reason: string };

/** A view of one batch inside a buffer. Getters decode when read; setters patch the bytes. */
export class RecordBatch {
  readonly buffer: Buffer;
  readonly start: number;

  constructor(buffer: Buffer, start = 0) {
    this.buffer = buffer;
    this.start = start;
  }

  get baseOffset(): number {
    return int64At(this.buffer, this.start + at.baseOffset);
  }
  /** Not covered by the CRC: setting it needs nothing else. */
  set baseOffset(value: number) {
    putInt64(this.buffer, value, this.start + at.baseOffset);
  }
  /** Size of the whole batch in bytes, header included. */
  get size(): number {
    return BATCH_PREFIX_BYTES + this.buffer.readInt32BE(this.start + at.batchLength);
  }
  get end(): number {
    return this.start + this.size;
  }
  get leaderEpoch(): number {
    return this.buffer.readInt32BE(this.start + at.leaderEpoch);
  }
  /** Not covered by the CRC. */
  set leaderEpoch(value: number) {
    this.buffer.writeInt32BE(value, this.start + at.leaderEpoch);
  }
  get magic(): number {
    return this.buffer.readInt8(this.start + at.magic);
  }
  get crc(): number {
    return this.buffer.readUInt32BE(this.start + at.crc);
  }
  get attributes(): number {
    return this.buffer.readInt16BE(this.start + at.attributes);
  }
  get compression(): Compression {
    const name = compressionNames[this.attributes & COMPRESSION_MASK];
    if (!name) throw malformed(`compression type ${this.attributes & COMPRESSION_MASK}`);
    return name;
  }
  /** True when all records have the broker's time, which is `maxTimestamp`. */
  get isLogAppendTime(): boolean {
    return (this.attributes & LOG_APPEND_TIME) !== 0;
  }
  get isTransactional(): boolean {
    return (this.attributes & TRANSACTIONAL) !== 0;
  }
  /** True for the markers that end a transaction. */
  get isControl(): boolean {
    return (this.attributes & CONTROL) !== 0;
  }
  /** True when `baseTimestamp` is the time from which on tombstones may go (KIP-534). */
  get hasDeleteHorizon(): boolean {
    return (this.attributes & DELETE_HORIZON) !== 0;
  }
  get lastOffsetDelta(): number {
    return this.buffer.readInt32BE(this.start + at.lastOffsetDelta);
  }
  get lastOffset(): number {
    return this.baseOffset + this.lastOffsetDelta;
  }
  get nextOffset(): number {
    return this.lastOffset + 1;
  }
  get baseTimestamp(): number {
    return int64At(this.buffer, this.start + at.baseTimestamp);
  }
  get maxTimestamp(): number {
    return int64At(this.buffer, this.start + at.maxTimestamp);
  }
  get producerId(): number {
    return int64At(this.buffer, this.start + at.producerId);
  }
  get producerEpoch(): number {
    return this.buffer.readInt16BE(this.start + at.producerEpoch);
  }
  get baseSequence(): number {
    return this.buffer.readInt32BE(this.start + at.baseSequence);
  }
  get recordCount(): number {
    return this.buffer.readInt32BE(this.start + at.recordCount);
  }
  /** The records' bytes, still compressed if the batch is. A view. */
  get payload(): Buffer {
    return this.buffer.subarray(this.start + BATCH_HEADER_BYTES, this.end);
  }
  /** The batch's own bytes. A view. */
  get bytes(): Buffer {
    return this.buffer.subarray(this.start, this.end);
  }

  /** Gives the batch to another producer session; the CRC is made anew. */
  setProducer(producerId: number, epoch: number, baseSequence: number): void {
    putInt64(this.buffer, producerId, this.start + at.producerId);
    this.buffer.writeInt16BE(epoch, this.start + at.producerEpoch);
    this.buffer.writeInt32BE(baseSequence, this.start + at.baseSequence);
    this.updateCrc();
  }

  /** Makes the broker's time that of all records (`message.timestamp.type=LogAppendTime`). */
  setLogAppendTime(timestampMs: number): void {
    this.buffer.writeInt16BE(this.attributes | LOG_APPEND_TIME, this.start + at.attributes);
    putInt64(this.buffer, timestampMs, this.start + at.maxTimestamp);
    this.updateCrc();
  }

  updateCrc(): void {
    const crc = crc32c(this.buffer, this.start + at.attributes, this.end);
    this.buffer.writeUInt32BE(crc, this.start + at.crc);
  }

  /** Checks everything that can be checked without opening the records; null when all is well. */
  fault(limit = this.buffer.length): BatchFault | null {
    const left = limit - this.start;
    const corrupt = (reason: string): BatchFault => ({ error: 'CORRUPT_MESSAGE', reason });
    if (left < at.crc) return corrupt(`${left} bytes, too few for a batch`);
    if (this.magic !== 2) {
      return {
        error: 'UNSUPPORTED_FOR_MESSAGE_FORMAT',
        reason: `message format ${this.magic}, only 2 is supported`,
      };
    }
    if (this.size < BATCH_HEADER_BYTES) return corrupt(`a batch of ${this.size} bytes`);
    if (this.size > left) return corrupt(`a batch of ${this.size} bytes in ${left}`);
    if (this.crc !== crc32c(this.buffer, this.start + at.attributes, this.end)) {
      return corrupt(`the CRC of the batch at offset ${this.baseOffset} does not match`);
    }
    const count = this.recordCount;
    if (count < 0 || this.lastOffsetDelta < 0)
      return corrupt(`${count} records, last offset delta ${this.lastOffsetDelta}`);
    return null;
  }
}

/**
 * The whole batches of a buffer, in order; a batch that is cut off at the end is left out, as a fetch may end in
 * one. Throws DDS_PROTOCOL for a length that cannot be. Does not check the CRC.
 */
export function* batchesOf(buffer: Buffer, start = 0, end = buffer.length): Generator<RecordBatch> {
  let position = start;
  while (end - position >= BATCH_HEADER_BYTES) {
    const batch = new RecordBatch(buffer, position);
    const size = batch.size;
    if (size < BATCH_HEADER_BYTES) throw malformed(`a batch of ${size} bytes at ${position}`);
    if (size > end - position) return;
    yield batch;
    position += size;
  }
}
