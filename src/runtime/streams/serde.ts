/**
 * Makes bytes of a value and back. Synchronous: what needs a schema fetches it in `prepare`. The bytes that `decode` gets live
 * until it returns: it copies what it keeps.
 */
export interface Serde<T> {
  encode(value: T, topic: string): Uint8Array;
  /** Throws for bytes that it cannot read. */
  decode(bytes: Uint8Array, topic: string): T;
  /** Awaited before the first value is written to a topic. A `decode` that lacks something throws NotReady. */
  prepare?(topic: string): Promise<void>;
}

const view = (bytes: Uint8Array) =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const string: Serde<string> = {
  encode: (value) => Buffer.from(value, 'utf8'),
  decode: (bytes) => view(bytes).toString('utf8'),
};

const bytes: Serde<Uint8Array> = { encode: (value) => value, decode: (value) => Buffer.from(value) };

/** A 64-bit float, big endian, as Kafka's DoubleSerializer writes it. */
const number: Serde<number> = {
  encode(value) {
    const buffer = Buffer.allocUnsafe(8);
    buffer.writeDoubleBE(value);
    return buffer;
  },
  decode: (value) => view(value).readDoubleBE(0),
};

/** A 64-bit integer, big endian, as Kafka's LongSerializer writes it. */
const long: Serde<number> = {
  encode(value) {
    const buffer = Buffer.allocUnsafe(8);
    buffer.writeBigInt64BE(BigInt(value));
    return buffer;
  },
  decode: (value) => Number(view(value).readBigInt64BE(0)),
};

/** JSON text. `check` may refuse what does not fit by throwing. */
function json<T>(check?: (value: unknown) => T): Serde<T> {
  return {
    encode: (value) => Buffer.from(JSON.stringify(value), 'utf8'),
    decode(value) {
      const parsed: unknown = JSON.parse(view(value).toString('utf8'));
      return check ? check(parsed) : (parsed as T);
    },
  };
}

/** The serdes that come along. */
export const t = { string, bytes, number, long, json };
