import { expect, test } from 'vitest';
import { RecordRing } from '../../../../../src/runtime/data/tail/live/record-ring.ts';
import { BatchBuilder, RecordWalker } from '../../../../../src/runtime/protocol/index.ts';

interface Sent {
  time: number;
  value: string;
  key?: string;
  headers?: { key: string; value: Buffer | null }[];
}

/** Adds records as they come from a fetch; their offsets begin at `baseOffset`. */
function add(ring: RecordRing, records: readonly Sent[], partition = 0, baseOffset = 0): number[] {
  const builder = new BatchBuilder();
  for (const { time, value, key, headers } of records) {
    builder.append(key === undefined ? null : Buffer.from(key), Buffer.from(value), time, headers ?? null);
  }
  const walker = new RecordWalker(builder.build({ baseOffset }));
  const sequences: number[] = [];
  while (walker.next()) sequences.push(ring.add(partition, walker));
  return sequences;
}
const values = (ring: RecordRing) =>
  Array.from({ length: ring.length }, (_, at) => ring.read(ring.sequenceAt(at))!.value()!.toString());

test('orders records of all partitions by time, also those that come late', () => {
  const ring = new RecordRing(100_000);
  add(ring, [
    { time: 10, value: 'a' },
    { time: 30, value: 'c' },
  ]);
  ring.settle();
  add(
    ring,
    [
      { time: 20, value: 'b' },
      { time: 40, value: 'd' },
      { time: 5, value: 'first' },
    ],
    1,
  );
  expect([...ring.settle()].map((one) => ring.timeOf(one))).toEqual([5, 20, 40]);
  expect(values(ring)).toEqual(['first', 'a', 'b', 'c', 'd']);
  const b = ring.sequenceAt(2);
  expect(ring.partitionOf(b)).toBe(1);
  expect(ring.indexOf(b, ring.timeOf(b))).toBe(2);
});

test('a record comes back as it was', () => {
  const ring = new RecordRing(100_000);
  const headers = [
    { key: 'site', value: Buffer.from('edge-1') },
    { key: 'none', value: null },
  ];
  const [sequence] = add(ring, [{ time: 1_700_000_000_000, key: 'k', value: 'v', headers }], 3, 12_345_678);
  const record = ring.read(sequence!)!;
  expect(record).toMatchObject({ offset: 12_345_678, timestamp: 1_700_000_000_000 });
  expect([record.key()!.toString(), record.value()!.toString()]).toEqual(['k', 'v']);
  expect(record.headers()).toEqual(headers);
});

test('keeps the newest in its memory, whatever their sizes', () => {
  const ring = new RecordRing(20_000);
  const all: string[] = [];
  for (let i = 0; i < 3000; i++) {
    const value = `${i}-${'x'.repeat((i * 37) % 300)}`;
    all.push(value);
    add(ring, [{ time: i, value }]);
    if (i % 7 === 0) ring.settle();
  }
  ring.settle();
  expect(ring.length).toBeGreaterThan(20);
  expect(values(ring)).toEqual(all.slice(-ring.length));
  expect(ring.missed).toBe(0);
});

test('while it is held nothing is pushed out, and what has no room is counted', () => {
  const ring = new RecordRing(20_000);
  const one = (i: number) => [{ time: i, value: `${i}-${'x'.repeat(100)}` }];
  for (let i = 0; i < 20; i++) add(ring, one(i));
  ring.settle();
  ring.isHeld = true;
  for (let i = 20; i < 1000; i++) add(ring, one(i));
  ring.settle();
  expect(values(ring)[0]).toMatch(/^0-/);
  expect(ring.length + ring.missed).toBe(1000);
  ring.isHeld = false;
  add(ring, one(1000));
  ring.settle();
  expect(values(ring).at(-1)).toMatch(/^1000-/);
});

test('a record that is larger than a quarter of the memory is counted, not kept', () => {
  const ring = new RecordRing(20_000);
  expect(add(ring, [{ time: 1, value: 'x'.repeat(10_000) }])).toEqual([-1]);
  expect(ring.missed).toBe(1);
});
