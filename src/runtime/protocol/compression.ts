import { createRequire } from 'node:module';
import zlib from 'node:zlib';
import { malformed } from './reader.ts';
import type { Compression } from './record-batch.ts';

/** What one batch may grow to when it is opened; a bomb is refused instead. */
const MAX_INFLATED_BYTES = 256 * 1024 * 1024;

interface Snappy {
  compressSync(data: Buffer): Buffer;
  uncompressSync(data: Buffer): Buffer;
}
interface Lz4 {
  compressFrameSync(data: Buffer): Buffer;
  decompressFrameSync(data: Buffer): Buffer;
}

// Native modules, loaded when the first such batch is met; the codec is synchronous, so import() will not do.
let require: NodeJS.Require | undefined;
function native<T>(name: string): T {
  require ??= createRequire(import.meta.url);
  return require(name) as T;
}

/** Snappy as the Java clients frame it (xerial): this magic, two versions, then blocks with their lengths. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/** A raw block starts with its size when opened, as a varint. */
function snappyLength(data: Buffer): number {
  let length = 0;
  for (let i = 0; i < 5 && i < data.length; i++) {
    length += (data[i]! & 0x7f) * 2 ** (7 * i);
    if (data[i]! < 0x80) return length;
  }
  throw malformed('a snappy block without a length');
}

function unsnappy(data: Buffer): Buffer {
  const { uncompressSync } = native<Snappy>('snappy');
  const open = (block: Buffer): Buffer => {
    if (snappyLength(block) > MAX_INFLATED_BYTES) throw malformed('a snappy block of more than 256 MiB');
    return uncompressSync(block);
  };
  if (data.length < XERIAL_HEADER_BYTES || !data.subarray(0, 8).equals(XERIAL_MAGIC)) return open(data);
  const blocks: Buffer[] = [];
  let total = 0;
  for (let position = XERIAL_HEADER_BYTES; position < data.length; ) {
    if (data.length - position < 4) throw malformed('a snappy block that is cut off');
    const size = data.readUInt32BE(position);
    position += 4;
    if (size > data.length - position) throw malformed('a snappy block that is cut off');
    const block = open(data.subarray(position, position + size));
    total += block.length;
    if (total > MAX_INFLATED_BYTES) throw malformed('a snappy batch of more than 256 MiB');
    blocks.push(block);
    position += size;
  }
  return Buffer.concat(blocks, total);
}

const limit = { maxOutputLength: MAX_INFLATED_BYTES };

/** The records of a compressed batch. Throws DDS_PROTOCOL when they cannot be opened. */
export function decompress(compression: Compression, data: Buffer): Buffer {
  try {
    if (compression === 'gzip') return zlib.gunzipSync(data, limit);
    if (compression === 'zstd') return zlib.zstdDecompressSync(data, limit);
    if (compression === 'snappy') return unsnappy(data);
    if (compression === 'lz4') return native<Lz4>('lz4-napi').decompressFrameSync(data);
    return data;
  } catch (cause) {
    throw malformed(
      `a ${compression} batch that cannot be opened (${cause instanceof Error ? cause.message : cause})`,
    );
  }
}

/** The counterpart of `decompress`. Snappy blocks are written raw, which every client reads. */
export function compress(compression: Compression, data: Buffer): Buffer {
  if (compression === 'gzip') return zlib.gzipSync(data);
  if (compression === 'zstd') return zlib.zstdCompressSync(data);
  if (compression === 'snappy') return native<Snappy>('snappy').compressSync(data);
  if (compression === 'lz4') return native<Lz4>('lz4-napi').compressFrameSync(data);
  return data;
}
