import type { Serde } from './serde.ts';
import type { Windowed } from './windows.ts';

const boundBytes = 16;

/** A windowed key: the key's bytes, then start and end. */
export function windowedSerde(key: Serde<unknown>): Serde<unknown> {
  const serde: Serde<Windowed<unknown>> = {
    encode(windowed, topic) {
      const inner = key.encode(windowed.key, topic);
      const bytes = Buffer.allocUnsafe(inner.length + boundBytes);
      bytes.set(inner);
      bytes.writeBigInt64BE(BigInt(windowed.start), inner.length);
      bytes.writeBigInt64BE(BigInt(windowed.end), inner.length + 8);
      return bytes;
    },
    decode(bytes, topic) {
      const at = bytes.length - boundBytes;
      const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return {
        key: key.decode(bytes.subarray(0, at), topic),
        start: Number(view.readBigInt64BE(at)),
        end: Number(view.readBigInt64BE(at + 8)),
      };
    },
  };
  return serde as Serde<unknown>;
}
