/** Walks the records inside record batches without making an object for each. */
import { decompress } from './compression.ts';
import { malformed, Reader } from './reader.ts';
import { BATCH_HEADER_BYTES, RecordBatch } from './record-batch.ts';

/** A transaction that was aborted, as Fetch tells it: its records from this offset on are not to be shown. */
export interface AbortedTransaction {
  producerId: number;
  firstOffset: number;
}

export interface WalkOptions {
  /** Records below it are skipped: a fetch may start in the middle of a batch. Default 0. */
  fromOffset?: number;
  /** For read_committed: records of these transactions are skipped. */
  aborted?: readonly AbortedTransaction[] | null;
  /** Also stops at the markers that end transactions. Default false. */
  controls?: boolean;
}

const EMPTY = Buffer.alloc(0);
/** ControlRecordType of a marker's key: version int16, type int16. */
const ABORT_MARKER = 0;

/**
 * `next()` moves to a record; the fields then decode from the bytes when read. Buffers are views into the fetched bytes (or
 * into the opened batch). A batch that is cut off at the end is left out. Throws DDS_PROTOCOL for bytes that cannot be.
 */
export class RecordWalker {
  readonly #source: Buffer;
  readonly #fromOffset: number;
  readonly #controls: boolean;
  readonly #aborted: AbortedTransaction[];
  #abortedAt = 0;
  readonly #abortedProducers = new Set<number>();
  #nextBatch = 0;
  #batch: RecordBatch | null = null;
  #data: Buffer = EMPTY;
  #end = 0;
  #position = 0;
  #baseOffset = 0;
  #baseTimestamp = 0;
  #logAppendTime = false;
  #recordStart = 0;
  #recordEnd = 0;
  #timestamp = 0;
  #offset = -1;
  #keyStart = 0;
  #keyLength = -1;
  #valueStart = 0;
  #valueLength = -1;
  #headersStart = 0;

  constructor(source: Buffer, options: WalkOptions = {}) {
    this.#source = source;
    this.#fromOffset = options.fromOffset ?? 0;
    this.#controls = options.controls ?? false;
    this.#aborted = [...(options.aborted ?? [])].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  rewind(): void {
    this.#nextBatch = 0;
    this.#batch = null;
    this.#position = 0;
    this.#end = 0;
    this.#abortedAt = 0;
    this.#abortedProducers.clear();
  }

  next(): boolean {
    do {
      while (this.#position >= this.#end) {
        if (!this.#openNext()) return false;
      }
      this.#readRecord();
    } while (this.#offset < this.#fromOffset);
    return true;
  }

  get offset(): number {
    return this.#offset;
  }
  get timestamp(): number {
    return this.#timestamp;
  }
  /** Bytes of the record, its length prefix included. */
  get size(): number {
    return this.#recordEnd - this.#recordStart;
  }
  /** The batch that the record is in. */
  get batch(): RecordBatch {
    if (!this.#batch) throw new RangeError('next() has not been called');
    return this.#batch;
  }
  /** The record as it lies in the (opened) batch, its length prefix included. */
  raw(): Buffer {
    return this.#data.subarray(this.#recordStart, this.#recordEnd);
  }

  /** Copies what `raw()` gives to a place in another buffer, without making an object. */
  copyTo(target: Buffer, at: number): void {
    this.#data.copy(target, at, this.#recordStart, this.#recordEnd);
  }

  key(): Buffer | null {
    return this.#keyLength < 0 ? null : this.#data.subarray(this.#keyStart, this.#keyStart + this.#keyLength);
  }

  value(): Buffer | null {
    return this.#valueLength < 0
      ? null
      : this.#data.subarray(this.#valueStart, this.#valueStart + this.#valueLength);
  }

  headers(): { key: string; value: Buffer | null }[] {
    // One byte 0: no headers, the most common case.
    if (this.#data[this.#headersStart] === 0) return [];
    const reader = new Reader(this.#data, this.#headersStart, this.#recordEnd);
    const headers: { key: string; value: Buffer | null }[] = [];
    for (let left = reader.varint(); left > 0; left--) {
      const key = reader.text(reader.varint());
      const length = reader.varint();
      headers.push({ key, value: length < 0 ? null : reader.bytes(length) });
    }
    return headers;
  }

  /** The first header of this name; undefined when there is none. */
  header(name: string): Buffer | null | undefined {
    if (this.#data[this.#headersStart] === 0) return undefined;
    const reader = new Reader(this.#data, this.#headersStart, this.#recordEnd);
    for (let left = reader.varint(); left > 0; left--) {
      const nameLength = reader.varint();
      const nameStart = reader.take(nameLength);
      const length = reader.varint();
      const value = length < 0 ? null : reader.take(length);
      if (!this.#isText(nameStart, nameLength, name)) continue;
      return value === null ? null : this.#data.subarray(value, value + length);
    }
    return undefined;
  }

  #isText(start: number, length: number, text: string): boolean {
    if (length === text.length) {
      let i = 0;
      while (i < length && this.#data[start + i] === text.charCodeAt(i)) i++;
      if (i === length) return true;
    }
    // Other than ASCII: as text.
    return length > text.length && this.#data.toString('utf8', start, start + length) === text;
  }

  #openNext(): boolean {
    const source = this.#source;
    for (;;) {
      const start = this.#nextBatch;
      if (source.length - start < BATCH_HEADER_BYTES) return false;
      const batch = new RecordBatch(source, start);
      const { size } = batch;
      if (size < BATCH_HEADER_BYTES) throw malformed(`a batch of ${size} bytes at ${start}`);
      if (batch.magic !== 2) throw malformed(`message format ${batch.magic}, only 2 can be read`);
      if (size > source.length - start) return false;
      this.#nextBatch = start + size;
      if (this.#isHidden(batch)) continue;
      this.#open(batch);
      return true;
    }
  }

  /** Decides over a whole batch, and keeps track of which producers' transactions are aborted here. */
  #isHidden(batch: RecordBatch): boolean {
    const { producerId, lastOffset } = batch;
    while (
      this.#abortedAt < this.#aborted.length &&
      this.#aborted[this.#abortedAt]!.firstOffset <= lastOffset
    ) {
      this.#abortedProducers.add(this.#aborted[this.#abortedAt++]!.producerId);
    }
    if (batch.isControl) {
      if (batch.recordCount > 0 && this.#abortedProducers.has(producerId)) {
        this.#open(batch);
        this.#readRecord();
        if (this.key()?.readInt16BE(2) === ABORT_MARKER) this.#abortedProducers.delete(producerId);
        this.#position = this.#end;
      }
      return !this.#controls || lastOffset < this.#fromOffset;
    }
    if (lastOffset < this.#fromOffset || batch.recordCount === 0) return true;
    return batch.isTransactional && this.#abortedProducers.has(producerId);
  }

  #open(batch: RecordBatch): void {
    const { compression } = batch;
    this.#batch = batch;
    if (compression === 'none') {
      this.#data = this.#source;
      this.#position = batch.start + BATCH_HEADER_BYTES;
      this.#end = batch.end;
    } else {
      this.#data = decompress(compression, batch.payload);
      this.#position = 0;
      this.#end = this.#data.length;
    }
    this.#baseOffset = batch.baseOffset;
    this.#logAppendTime = batch.isLogAppendTime;
    this.#baseTimestamp = this.#logAppendTime ? batch.maxTimestamp : batch.baseTimestamp;
  }

  #readRecord(): void {
    this.#recordStart = this.#position;
    const length = this.#varint();
    const end = this.#position + length;
    if (length < 0 || end > this.#end)
      throw malformed(`a record of ${length} bytes in ${this.#end - this.#position}`);
    this.#recordEnd = end;
    this.#position++; // attributes: none are defined
    const timestampDelta = this.#varlong();
    this.#timestamp = this.#logAppendTime ? this.#baseTimestamp : this.#baseTimestamp + timestampDelta;
    this.#offset = this.#baseOffset + this.#varint();
    this.#keyLength = this.#varint();
    this.#keyStart = this.#position;
    if (this.#keyLength > 0) this.#position += this.#keyLength;
    this.#valueLength = this.#varint();
    this.#valueStart = this.#position;
    if (this.#valueLength > 0) this.#position += this.#valueLength;
    this.#headersStart = this.#position;
    if (this.#position >= end)
      throw malformed(`a record at offset ${this.#offset} that is longer than it says`);
    this.#position = end;
  }

  #varint(): number {
    const data = this.#data;
    let byte = data[this.#position++]!;
    let raw = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      // Past the end of the data a byte is undefined, which ends the loop; the length checks above then fail.
      if (shift > 28) throw malformed('a varint longer than 5 bytes');
      byte = data[this.#position++]!;
      raw |= (byte & 0x7f) << shift;
    }
    return (raw >>> 1) ^ -(raw & 1);
  }

  #varlong(): number {
    const data = this.#data;
    const at = this.#position;
    const first = data[at]!;
    if (first < 0x80) {
      this.#position = at + 1;
      return (first >>> 1) ^ -(first & 1);
    }
    const second = data[at + 1]!;
    if (second < 0x80) {
      this.#position = at + 2;
      const raw = (first & 0x7f) | (second << 7);
      return (raw >>> 1) ^ -(raw & 1);
    }
    const reader = new Reader(data, at, this.#end);
    const value = reader.varlong();
    this.#position = reader.position;
    return value;
  }
}
