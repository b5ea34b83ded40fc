import { DdsError } from '../../errors/index.ts';

const TWO_32 = 4294967296;
const MAX_STRING_BYTES = 0x7fff;
/** What a byte that is no UTF-8 is read as takes three. */
const MOST_GROWTH = 3;

/** The bytes are not what the Kafka protocol allows in this place. Whoever sent them is disconnected, nothing else. */
export function malformed(what: string): DdsError {
  return new DdsError('DDS_PROTOCOL', `malformed Kafka bytes: ${what}`);
}

/** An int64 as a number, without BigInt. Exact to 2^53. */
export function int64At(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * TWO_32 + buffer.readUInt32BE(at + 4);
}

/** Reads big-endian protocol primitives from a buffer; byte fields are views, not copies. Never reads past `end`. */
export class Reader {
  readonly buffer: Buffer;
  readonly end: number;
  position: number;

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.buffer = buffer;
    this.position = start;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** Advances by `length` and returns where it was. */
  take(length: number): number {
    const at = this.position;
    if (length < 0 || length > this.end - at) {
      throw malformed(`${length} bytes needed at ${at}, ${this.end - at} left`);
    }
    this.position = at + length;
    return at;
  }

  int8(): number {
    return this.buffer.readInt8(this.take(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.take(2));
  }

  uint16(): number {
    return this.buffer.readUInt16BE(this.take(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.take(4));
  }

  uint32(): number {
    return this.buffer.readUInt32BE(this.take(4));
  }

  int64(): number {
    return int64At(this.buffer, this.take(8));
  }

  float64(): number {
    return this.buffer.readDoubleBE(this.take(8));
  }

  boolean(): boolean {
    return this.buffer[this.take(1)] !== 0;
  }

  /** UNSIGNED_VARINT: at most 5 bytes. */
  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer[this.take(1)]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw malformed('a varint longer than 5 bytes');
  }

  /** VARINT: zigzag. */
  varint(): number {
    const raw = this.unsignedVarint();
    return (raw >>> 1) ^ -(raw & 1);
  }

  /** VARLONG: zigzag, at most 10 bytes. Exact to 2^53. */
  varlong(): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.buffer[this.take(1)]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= (bits & 1) << 31;
      if (byte < 0x80) {
        const negative = low & 1;
        const half = ((low >>> 1) | (high << 31)) >>> 0;
        const top = high >>> 1;
        return negative ? -(top * TWO_32 + half) - 1 : top * TWO_32 + half;
      }
    }
    throw malformed('a varlong longer than 10 bytes');
  }

  bytes(length: number): Buffer {
    const at = this.take(length);
    return this.buffer.subarray(at, at + length);
  }

  text(length: number): string {
    const at = this.take(length);
    return this.buffer.toString('utf8', at, at + length);
  }

  /** A UUID in its canonical text form. */
  uuid(): string {
    const at = this.take(16);
    const hex = this.buffer.toString('hex', at, at + 16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** Null when it is null. What is too long to be written again is refused: it would be kept, and fail later. */
  string(flexible: boolean): string | null {
    const length = this.stringLength(flexible);
    if (length < 0) return null;
    const text = this.text(length);
    if (length * MOST_GROWTH > MAX_STRING_BYTES && Buffer.byteLength(text) > MAX_STRING_BYTES)
      throw malformed(
        `a string of ${Buffer.byteLength(text)} bytes, at most ${MAX_STRING_BYTES} can be read`,
      );
    return text;
  }

  /** Length of a string: -1 is null. */
  stringLength(flexible: boolean): number {
    return flexible ? this.unsignedVarint() - 1 : this.int16();
  }

  /** Length of bytes or an array: -1 is null. */
  length(flexible: boolean): number {
    return flexible ? this.unsignedVarint() - 1 : this.int32();
  }

  /** Skips a tagged-fields section (KIP-482). */
  skipTags(): void {
    for (let count = this.unsignedVarint(); count > 0; count--) {
      this.unsignedVarint();
      this.take(this.unsignedVarint());
    }
  }
}
