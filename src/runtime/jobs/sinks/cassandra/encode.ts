/** Values in the bytes that Cassandra's native protocol has for them: the driver then passes them on as they are. */

export const bytesOfText = (text: string): Buffer => Buffer.from(text);

export function bytesOfInt(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** A bigint, a timestamp (ms since the epoch) or a time (ns since midnight). */
export function bytesOfLong(value: number | bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  if (typeof value === 'number' && Number.isSafeInteger(value)) {
    const high = Math.floor(value / 2 ** 32);
    bytes.writeInt32BE(high);
    bytes.writeUInt32BE(value - high * 2 ** 32, 4);
  } else bytes.writeBigInt64BE(BigInt.asIntN(64, BigInt(value)));
  return bytes;
}

export function bytesOfDouble(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

const yes = Buffer.from([1]);
const no = Buffer.from([0]);
export const bytesOfBoolean = (value: boolean): Buffer => (value ? yes : no);

/** Days since the epoch, which the protocol counts from 2^31. */
export function bytesOfDate(days: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(days + 2 ** 31);
  return bytes;
}

/** The scale, then the unscaled value as Avro has it, too. */
export function bytesOfDecimal(unscaled: Uint8Array, scale: number): Buffer {
  return Buffer.concat([bytesOfInt(scale), unscaled.length === 0 ? no : unscaled]);
}
