import { expect, test } from 'vitest';
import {
  codeOf,
  kafkaErrorEntry,
  kafkaErrorName,
  kafkaErrors,
  Reader,
  Writer,
} from '../../../src/runtime/protocol/index.ts';

test.each([0, 1, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])(
  'int64 %d',
  (value) => {
    const writer = new Writer();
    writer.int64(value);
    const bytes = writer.toBuffer();
    expect(bytes.readBigInt64BE()).toBe(BigInt(value));
    expect(new Reader(bytes).int64()).toBe(value);
  },
);

test('numbers beyond int64 become its limits', () => {
  const writer = new Writer();
  writer.int64(2 ** 63);
  writer.int64(-(2 ** 70));
  const bytes = writer.toBuffer();
  expect(bytes.readBigInt64BE(0)).toBe(2n ** 63n - 1n);
  expect(bytes.readBigInt64BE(8)).toBe(-(2n ** 63n));
});

test.each([
  [0, '00'],
  [-1, '01'],
  [1, '02'],
  [300, 'd804'],
  [-2147483648, 'ffffffff0f'],
  [2147483647, 'feffffff0f'],
])('varint %d is %s', (value, hex) => {
  const writer = new Writer();
  writer.varint(value);
  expect(writer.toBuffer().toString('hex')).toBe(hex);
  expect(new Reader(Buffer.from(hex, 'hex')).varint()).toBe(value);
});

test.each([
  ['80808080808001', 2 ** 41],
  ['ffffffffff3f', -(2 ** 40)],
  ['ffffffffffffffffff01', -(2 ** 63)],
  ['8080808010', 2 ** 31],
])('varlong %s is %d', (hex, value) => {
  expect(new Reader(Buffer.from(hex, 'hex')).varlong()).toBe(value);
});

test('what is written grows over chunks and keeps its order', () => {
  const writer = new Writer(8);
  const large = Buffer.alloc(10_000, 7);
  writer.int32(1);
  writer.bytes(large);
  for (let i = 0; i < 1000; i++) writer.int16(i);
  writer.bytes(Buffer.from('end'));
  expect(writer.length).toBe(4 + 10_000 + 2000 + 3);
  const chunks = writer.chunks();
  expect(chunks.some((chunk) => chunk.buffer === large.buffer && chunk.length === large.length)).toBe(true);
  const bytes = Buffer.concat(chunks);
  expect(bytes.readInt32BE(0)).toBe(1);
  expect(bytes.readInt16BE(10_004 + 2 * 999)).toBe(999);
  expect(bytes.subarray(-3).toString()).toBe('end');
});

test('error codes are unique and found both ways', () => {
  const codes = Object.values(kafkaErrors).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(kafkaErrorName(codeOf('NOT_COORDINATOR'))).toBe('NOT_COORDINATOR');
  expect(kafkaErrorEntry(6)).toMatchObject({ retriable: true });
  expect(kafkaErrorName(9999)).toBe('UNKNOWN_SERVER_ERROR');
});
