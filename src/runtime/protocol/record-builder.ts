/** Builds a record batch record by record, in one buffer that grows. */
import { compress } from './compression.ts';
import {
  at,
  BATCH_HEADER_BYTES,
  BATCH_PREFIX_BYTES,
  type Compression,
  compressionNames,
  RecordBatch,
} from './record-batch.ts';
import { putInt64 } from './writer.ts';

export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface BatchOptions {
  baseOffset?: number;
  compression?: Compression;
  /** TRANSACTIONAL, CONTROL. */
  attributes?: number;
  leaderEpoch?: number;
  producerId?: number;
  producerEpoch?: number;
  baseSequence?: number;
}

function varintSize(value: number): number {
  const raw = ((value << 1) ^ (value >> 31)) >>> 0;
  return raw < 0x80 ? 1 : raw < 0x4000 ? 2 : raw < 0x20_0000 ? 3 : raw < 0x1000_0000 ? 4 : 5;
}

const fitsInt31 = (value: number): boolean => value >= -0x4000_0000 && value < 0x4000_0000;

function varlongSize(value: number): number {
  if (fitsInt31(value)) return varintSize(value);
  let rest = value < 0 ? -(value + 1) * 2 + 1 : value * 2;
  let size = 1;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}

function textSize(text: string): number {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return Buffer.byteLength(text);
  }
  return text.length;
}

const bytesSize = (bytes: Uint8Array | null): number =>
  bytes === null ? 1 : varintSize(bytes.length) + bytes.length;

function headersSize(headers: readonly RecordHeader[] | null): number {
  if (headers === null) return 1;
  let size = varintSize(headers.length);
  for (const { key, value } of headers) {
    const keySize = textSize(key);
    size += varintSize(keySize) + keySize + bytesSize(value);
  }
  return size;
}

export class BatchBuilder {
  #buffer: Buffer;
  #position = BATCH_HEADER_BYTES;
  #count = 0;
  #lastOffsetDelta = -1;
  #baseTimestamp = -1;
  #maxTimestamp = -1;

  constructor(initialBytes = 2048) {
    this.#buffer = Buffer.allocUnsafe(Math.max(initialBytes, BATCH_HEADER_BYTES));
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of the batch so far, uncompressed, header included. */
  get size(): number {
    return this.#position;
  }

  /** Appends a record; its offset delta is one more than the last one's unless given. */
  append(
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestampMs: number,
    headers: readonly RecordHeader[] | null = null,
    offsetDelta = this.#lastOffsetDelta + 1,
  ): void {
    if (this.#count === 0) this.#baseTimestamp = timestampMs;
    if (timestampMs > this.#maxTimestamp) this.#maxTimestamp = timestampMs;
    const timestampDelta = timestampMs - this.#baseTimestamp;
    const length =
      1 +
      varlongSize(timestampDelta) +
      varintSize(offsetDelta) +
      bytesSize(key) +
      bytesSize(value) +
      headersSize(headers);
    this.#reserve(length + 5);
    this.#varint(length);
    this.#buffer[this.#position++] = 0;
    this.#varlong(timestampDelta);
    this.#varint(offsetDelta);
    this.#bytes(key);
    this.#bytes(value);
    if (headers === null) this.#buffer[this.#position++] = 0;
    else this.#headers(headers);
    this.#count++;
    this.#lastOffsetDelta = offsetDelta;
  }

  /**
   * The batch. Without compression it is a view of the builder's own buffer: the builder is used up.
   * @throws RangeError when nothing was appended
   */
  build(options: BatchOptions = {}): Buffer {
    if (this.#count === 0) throw new RangeError('a batch needs a record');
    const { compression = 'none' } = options;
    let bytes = this.#buffer.subarray(0, this.#position);
    if (compression !== 'none') {
      const records = compress(compression, bytes.subarray(BATCH_HEADER_BYTES));
      bytes = Buffer.concat([bytes.subarray(0, BATCH_HEADER_BYTES), records]);
    }
    putInt64(bytes, options.baseOffset ?? 0, at.baseOffset);
    bytes.writeInt32BE(bytes.length - BATCH_PREFIX_BYTES, at.batchLength);
    bytes.writeInt32BE(options.leaderEpoch ?? -1, at.leaderEpoch);
    bytes.writeInt8(2, at.magic);
    bytes.writeInt16BE((options.attributes ?? 0) | compressionNames.indexOf(compression), at.attributes);
    bytes.writeInt32BE(this.#lastOffsetDelta, at.lastOffsetDelta);
    putInt64(bytes, this.#baseTimestamp, at.baseTimestamp);
    putInt64(bytes, this.#maxTimestamp, at.maxTimestamp);
    putInt64(bytes, options.producerId ?? -1, at.producerId);
    bytes.writeInt16BE(options.producerEpoch ?? -1, at.producerEpoch);
    bytes.writeInt32BE(options.baseSequence ?? -1, at.baseSequence);
    bytes.writeInt32BE(this.#count, at.recordCount);
    new RecordBatch(bytes).updateCrc();
    return bytes;
  }

  #reserve(more: number): void {
    const needed = this.#position + more;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#position);
    this.#buffer = grown;
  }

  #varint(value: number): void {
    let raw = ((value << 1) ^ (value >> 31)) >>> 0;
    while (raw > 0x7f) {
      this.#buffer[this.#position++] = (raw & 0x7f) | 0x80;
      raw >>>= 7;
    }
    this.#buffer[this.#position++] = raw;
  }

  #varlong(value: number): void {
    if (fitsInt31(value)) {
      this.#varint(value);
      return;
    }
    let rest = value < 0 ? -(value + 1) * 2 + 1 : value * 2;
    while (rest > 0x7f) {
      this.#buffer[this.#position++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#position++] = rest;
  }

  #bytes(bytes: Uint8Array | null): void {
    if (bytes === null) {
      this.#buffer[this.#position++] = 1; // -1 in zigzag
      return;
    }
    const { length } = bytes;
    this.#varint(length);
    if (length > 32) this.#buffer.set(bytes, this.#position);
    else for (let i = 0; i < length; i++) this.#buffer[this.#position + i] = bytes[i]!;
    this.#position += length;
  }

  #headers(headers: readonly RecordHeader[]): void {
    this.#varint(headers.length);
    for (const { key, value } of headers) {
      const size = textSize(key);
      this.#varint(size);
      if (size !== key.length) this.#buffer.write(key, this.#position, size, 'utf8');
      else for (let i = 0; i < size; i++) this.#buffer[this.#position + i] = key.charCodeAt(i);
      this.#position += size;
      this.#bytes(value);
    }
  }
}

/**
 * A batch anew with only some of its records, as a compaction leaves it: base offset, offsets, times and producer stay as
 * they were, and the last offset too, also when its record is gone. With none left it is an empty batch.
 */
export function batchWith(batch: RecordBatch, records: readonly Buffer[]): Buffer {
  const { compression } = batch;
  const payload = Buffer.concat(records as Buffer[]);
  const packed = records.length === 0 ? payload : compress(compression, payload);
  const bytes = Buffer.concat([batch.buffer.subarray(batch.start, batch.start + BATCH_HEADER_BYTES), packed]);
  bytes.writeInt32BE(bytes.length - BATCH_PREFIX_BYTES, at.batchLength);
  bytes.writeInt32BE(records.length, at.recordCount);
  new RecordBatch(bytes).updateCrc();
  return bytes;
}
