import { malformed } from './reader.ts';

const TWO_32 = 4294967296;
const INITIAL_BYTES = 512;
/** Bytes from this size on are kept by reference: a copy costs more than one more chunk for the socket. */
const REFERENCE_BYTES = 4096;

/** Writes an int64 from a number; what is past the int64 range becomes its limit. */
export function putInt64(buffer: Buffer, value: number, at: number): void {
  const high = Math.floor(value / TWO_32);
  if (high > 0x7fffffff) {
    buffer.writeInt32BE(0x7fffffff, at);
    buffer.writeUInt32BE(0xffffffff, at + 4);
  } else if (high < -0x80000000) {
    buffer.writeInt32BE(-0x80000000, at);
    buffer.writeUInt32BE(0, at + 4);
  } else {
    buffer.writeInt32BE(high, at);
    buffer.writeUInt32BE(value - high * TWO_32, at + 4);
  }
}

/** Grows as it is written to; large byte fields are not copied, so the result is a list of chunks. */
export class Writer {
  #buffer: Buffer;
  #start = 0;
  #position = 0;
  #chunks: Buffer[] = [];
  #chunkBytes = 0;

  constructor(initialBytes = INITIAL_BYTES) {
    this.#buffer = Buffer.allocUnsafe(initialBytes);
  }

  get length(): number {
    return this.#chunkBytes + this.#position - this.#start;
  }

  #take(length: number): number {
    const at = this.#position;
    if (at + length > this.#buffer.length) {
      const used = at - this.#start;
      const grown = Buffer.allocUnsafe(Math.max(INITIAL_BYTES, (used + length) * 2));
      this.#buffer.copy(grown, 0, this.#start, at);
      this.#buffer = grown;
      this.#start = 0;
      this.#position = used + length;
      return used;
    }
    this.#position = at + length;
    return at;
  }

  int8(value: number): void {
    const at = this.#take(1);
    this.#buffer.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#take(2);
    this.#buffer.writeInt16BE(value, at);
  }

  uint16(value: number): void {
    const at = this.#take(2);
    this.#buffer.writeUInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.#take(4);
    this.#buffer.writeInt32BE(value, at);
  }

  uint32(value: number): void {
    const at = this.#take(4);
    this.#buffer.writeUInt32BE(value, at);
  }

  int64(value: number): void {
    const at = this.#take(8);
    putInt64(this.#buffer, value, at);
  }

  float64(value: number): void {
    const at = this.#take(8);
    this.#buffer.writeDoubleBE(value, at);
  }

  boolean(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  unsignedVarint(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      const at = this.#take(1);
      this.#buffer[at] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    const at = this.#take(1);
    this.#buffer[at] = rest;
  }

  varint(value: number): void {
    this.unsignedVarint((value << 1) ^ (value >> 31));
  }

  bytes(value: Uint8Array): void {
    if (value.length < REFERENCE_BYTES) {
      const at = this.#take(value.length);
      this.#buffer.set(value, at);
      return;
    }
    this.#closeChunk();
    this.#chunks.push(Buffer.from(value.buffer, value.byteOffset, value.length));
    this.#chunkBytes += value.length;
  }

  text(value: string, length: number): void {
    const at = this.#take(length);
    this.#buffer.write(value, at, length, 'utf8');
  }

  string(value: string | null, flexible: boolean): void {
    const length = value === null ? -1 : Buffer.byteLength(value);
    if (length > 0x7fff) throw malformed(`a string of ${length} bytes, at most 32767 can be written`);
    if (flexible) this.unsignedVarint(length + 1);
    else this.int16(length);
    if (value !== null) this.text(value, length);
  }

  uuid(value: string): void {
    const at = this.#take(16);
    this.#buffer.write(value.replaceAll('-', ''), at, 16, 'hex');
  }

  /** Length of bytes or an array; -1 is null. */
  arrayLength(length: number, flexible: boolean): void {
    if (flexible) this.unsignedVarint(length + 1);
    else this.int32(length);
  }

  #closeChunk(): void {
    if (this.#position === this.#start) return;
    this.#chunks.push(this.#buffer.subarray(this.#start, this.#position));
    this.#chunkBytes += this.#position - this.#start;
    this.#start = this.#position;
  }

  /** All that was written, in order. The writer is used up. */
  chunks(): Buffer[] {
    this.#closeChunk();
    return this.#chunks;
  }

  toBuffer(): Buffer {
    const chunks = this.chunks();
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  }
}
