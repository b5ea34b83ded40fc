/** CRC-32C (Castagnoli), by eight tables: eight bytes a step. `node:zlib` has only the other polynomial. */

const POLYNOMIAL = 0x82f63b78;

function buildTables(): Int32Array[] {
  const tables = Array.from({ length: 8 }, () => new Int32Array(256));
  const first = tables[0]!;
  for (let i = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    first[i] = crc;
  }
  for (let t = 1; t < 8; t++) {
    for (let i = 0; i < 256; i++) {
      const before = tables[t - 1]![i]!;
      tables[t]![i] = (before >>> 8) ^ first[before & 0xff]!;
    }
  }
  return tables;
}

const [T0, T1, T2, T3, T4, T5, T6, T7] = buildTables() as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** The checksum of `data[start..end)` as an unsigned number. */
export function crc32c(data: Uint8Array, start = 0, end = data.length): number {
  let crc = -1;
  let at = start;
  const last = end - 7;
  while (at < last) {
    const low = crc ^ (data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24));
    crc =
      T7[low & 0xff]! ^
      T6[(low >>> 8) & 0xff]! ^
      T5[(low >>> 16) & 0xff]! ^
      T4[low >>> 24]! ^
      T3[data[at + 4]!]! ^
      T2[data[at + 5]!]! ^
      T1[data[at + 6]!]! ^
      T0[data[at + 7]!]!;
    at += 8;
  }
  while (at < end) crc = (crc >>> 8) ^ T0[(crc ^ data[at++]!) & 0xff]!;
  return ~crc >>> 0;
}
