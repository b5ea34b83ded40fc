import { expect, test } from 'vitest';
import {
  BatchBuilder,
  batchesOf,
  batchWith,
  CONTROL,
  type Compression,
  compress,
  crc32c,
  decompress,
  RecordBatch,
  RecordWalker,
  TRANSACTIONAL,
} from '../../../src/runtime/protocol/index.ts';

const ALL: Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

function batchOf(count: number, options: Parameters<BatchBuilder['build']>[0] = {}): Buffer {
  const builder = new BatchBuilder();
  for (let i = 0; i < count; i++) builder.append(Buffer.from(`k${i}`), Buffer.from(`v${i}`), 1000 + i);
  return builder.build(options);
}

function offsets(walker: RecordWalker): number[] {
  const seen: number[] = [];
  while (walker.next()) seen.push(walker.offset);
  return seen;
}

/** The marker that ends a transaction: key = version, type (0 abort, 1 commit). */
function marker(baseOffset: number, producerId: number, type: 0 | 1): Buffer {
  const builder = new BatchBuilder();
  builder.append(Buffer.from([0, 0, 0, type]), Buffer.alloc(6), 1);
  return builder.build({ baseOffset, producerId, producerEpoch: 0, attributes: TRANSACTIONAL | CONTROL });
}

test('CRC-32C of known values', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  // RFC 3720, B.4
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from('xx123456789y'), 2, 11)).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(0))).toBe(0);
});

test.each(ALL)('%s: all that was appended is read again', (compression) => {
  const builder = new BatchBuilder(64);
  const times = [1_700_000_000_000, 0, 1_700_000_000_063, 2 ** 52, 1_699_999_999_999, 1_700_000_009_000];
  for (const [i, time] of times.entries()) {
    const headers = [
      { key: 'ä', value: Buffer.alloc(i * 100, i) },
      { key: 'b', value: null },
    ];
    builder.append(
      i % 2 ? null : Buffer.alloc(i * 40, 1),
      i === 3 ? null : Buffer.alloc(i * 1000, i),
      time,
      headers,
    );
  }
  const bytes = builder.build({
    compression,
    baseOffset: 2 ** 40,
    producerId: 9,
    producerEpoch: 2,
    baseSequence: 5,
  });
  const batch = new RecordBatch(bytes);
  expect(batch.fault()).toBeNull();
  expect(batch).toMatchObject({
    compression,
    baseOffset: 2 ** 40,
    lastOffset: 2 ** 40 + 5,
    recordCount: 6,
    baseTimestamp: times[0],
    maxTimestamp: 2 ** 52,
    producerId: 9,
    producerEpoch: 2,
    baseSequence: 5,
    leaderEpoch: -1,
  });
  const walker = new RecordWalker(bytes);
  for (const [i, time] of times.entries()) {
    expect(walker.next()).toBe(true);
    expect(walker.offset).toBe(2 ** 40 + i);
    expect(walker.timestamp).toBe(time);
    expect(walker.key()).toEqual(i % 2 ? null : Buffer.alloc(i * 40, 1));
    expect(walker.value()).toEqual(i === 3 ? null : Buffer.alloc(i * 1000, i));
    expect(walker.headers()).toEqual([
      { key: 'ä', value: Buffer.alloc(i * 100, i) },
      { key: 'b', value: null },
    ]);
    expect(walker.header('ä')).toEqual(Buffer.alloc(i * 100, i));
    expect(walker.header('b')).toBeNull();
    expect(walker.header('c')).toBeUndefined();
  }
  expect(walker.next()).toBe(false);
});

test('several batches, one after the other, the last cut off', () => {
  const first = batchOf(3, { baseOffset: 10 });
  const second = batchOf(2, { baseOffset: 13, compression: 'zstd' });
  const buffer = Buffer.concat([first, second, first.subarray(0, first.length - 1)]);
  expect([...batchesOf(buffer)].map(({ baseOffset, nextOffset }) => [baseOffset, nextOffset])).toEqual([
    [10, 13],
    [13, 15],
  ]);
  expect(offsets(new RecordWalker(buffer))).toEqual([10, 11, 12, 13, 14]);
  expect(offsets(new RecordWalker(buffer, { fromOffset: 12 }))).toEqual([12, 13, 14]);
  expect(offsets(new RecordWalker(buffer, { fromOffset: 14 }))).toEqual([14]);
});

test('base offset and leader epoch are patched without touching the CRC', () => {
  const batch = new RecordBatch(Buffer.concat([Buffer.alloc(7), batchOf(2)]), 7);
  const { crc } = batch;
  batch.baseOffset = 5_000_000_000;
  batch.leaderEpoch = 3;
  expect(batch.fault()).toBeNull();
  expect(batch).toMatchObject({ crc, baseOffset: 5_000_000_000, leaderEpoch: 3, nextOffset: 5_000_000_002 });
});

test('the broker’s own time replaces that of every record', () => {
  const bytes = batchOf(2);
  new RecordBatch(bytes).setLogAppendTime(777);
  expect(new RecordBatch(bytes).fault()).toBeNull();
  const walker = new RecordWalker(bytes);
  walker.next();
  walker.next();
  expect(walker.timestamp).toBe(777);
});

test.each([
  ['a changed byte', (bytes: Buffer) => bytes.writeUInt8(bytes[70]! ^ 1, 70), 'CORRUPT_MESSAGE'],
  ['an old format', (bytes: Buffer) => bytes.writeUInt8(1, 16), 'UNSUPPORTED_FOR_MESSAGE_FORMAT'],
  ['a length beyond the end', (bytes: Buffer) => bytes.writeInt32BE(100_000, 8), 'CORRUPT_MESSAGE'],
  ['a negative length', (bytes: Buffer) => bytes.writeInt32BE(-5, 8), 'CORRUPT_MESSAGE'],
] as const)('%s is a fault', (_, damage, error) => {
  const bytes = batchOf(3);
  damage(bytes);
  expect(new RecordBatch(bytes).fault()).toMatchObject({ error });
});

test('damaged batches end a walk with an error, never in a loop or a crash', () => {
  for (const compression of ALL) {
    const good = batchOf(20, { compression });
    for (let position = 0; position < good.length; position++) {
      for (const value of [0, 0x7f, 0x80, 0xff]) {
        const bytes = Buffer.from(good);
        bytes[position] = value;
        const walker = new RecordWalker(bytes, { controls: true });
        try {
          for (let i = 0; i < 10_000 && walker.next(); i++) {
            walker.key();
            walker.value();
            walker.header('h');
          }
        } catch (error) {
          expect(error).toMatchObject({ code: 'DDS_PROTOCOL' });
        }
      }
    }
  }
});

test('records of aborted transactions, and the markers, are not shown to read_committed', () => {
  const options = { producerId: 7, producerEpoch: 0, baseSequence: 0, attributes: TRANSACTIONAL };
  const log = Buffer.concat([
    batchOf(2, { ...options, baseOffset: 0 }), // aborted
    batchOf(1, { baseOffset: 2 }), // no transaction
    marker(3, 7, 0),
    batchOf(2, { ...options, baseOffset: 4 }), // committed
    marker(6, 7, 1),
  ]);
  const aborted = [{ producerId: 7, firstOffset: 0 }];
  expect(offsets(new RecordWalker(log, { aborted }))).toEqual([2, 4, 5]);
  expect(offsets(new RecordWalker(log))).toEqual([0, 1, 2, 4, 5]);
  expect(offsets(new RecordWalker(log, { controls: true }))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const walker = new RecordWalker(log, { aborted });
  offsets(walker);
  walker.rewind();
  expect(offsets(walker)).toEqual([2, 4, 5]);
});

test.each(ALL)('%s: a batch can be written anew with fewer records', (compression) => {
  const bytes = batchOf(5, { baseOffset: 100, compression });
  const walker = new RecordWalker(bytes);
  const kept: Buffer[] = [];
  while (walker.next()) if (walker.offset % 2) kept.push(Buffer.from(walker.raw()));
  const fewer = new RecordBatch(batchWith(new RecordBatch(bytes), kept));
  expect(fewer.fault()).toBeNull();
  expect(fewer).toMatchObject({ baseOffset: 100, lastOffset: 104, recordCount: 2 });
  const again = new RecordWalker(fewer.buffer);
  expect(offsets(again)).toEqual([101, 103]);
  expect(String(again.key())).toBe('k3');
  const none = new RecordBatch(batchWith(new RecordBatch(bytes), []));
  expect(none.fault()).toBeNull();
  expect(none).toMatchObject({ lastOffset: 104, recordCount: 0 });
  expect(offsets(new RecordWalker(none.buffer))).toEqual([]);
});

test('snappy in the frames of the Java clients (xerial) is opened', () => {
  const blocks = [Buffer.from('first '.repeat(20)), Buffer.from('second '.repeat(20))];
  const framed: Buffer[] = [Buffer.from('82534e4150505900', 'hex'), Buffer.from('0000000100000001', 'hex')];
  for (const block of blocks) {
    const packed = compress('snappy', block);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(packed.length);
    framed.push(length, packed);
  }
  expect(decompress('snappy', Buffer.concat(framed))).toEqual(Buffer.concat(blocks));
  expect(() => decompress('snappy', Buffer.concat(framed).subarray(0, 40))).toThrow(/malformed/);
});

test('lz4 is written as frames with independent blocks, as Kafka wants them', () => {
  const frame = compress('lz4', Buffer.alloc(200_000, 'x'));
  expect(frame.readUInt32LE(0)).toBe(0x184d2204);
  expect(frame[4]! & 0x20).toBe(0x20);
  expect(decompress('lz4', frame)).toEqual(Buffer.alloc(200_000, 'x'));
});

test('what cannot be opened is malformed', () => {
  for (const compression of ALL.slice(1)) {
    expect(() => decompress(compression, Buffer.from('nonsense'))).toThrow(/malformed Kafka bytes: a/);
  }
});
