import { expect, it } from 'vitest';
import { RecentRecords, TailOutput } from '../../../../src/runtime/data/tail/output.ts';

it('writes what was gathered at once, and stops at the limit', () => {
  const written: string[] = [];
  let ended = 0;
  const output = new TailOutput(
    (text) => void written.push(text),
    3,
    () => ended++,
  );
  expect([output.add('a\n', false), output.add('b\n', true)]).toEqual([true, true]);
  void output.flush();
  void output.flush();
  expect([output.add('c\n', false), output.add('d\n', true), ended]).toEqual([false, false, 1]);
  void output.flush();
  expect(written).toEqual(['a\nb\n', 'c\n']);
  expect([output.records, output.undecodable]).toEqual([3, 1]);
});

it('keeps the last records of all partitions by time, without keeping everything', () => {
  const recent = new RecentRecords(3);
  for (let i = 0; i < 5000; i++) {
    const partition = i % 2;
    // Partition 0 is older throughout, but for its last record.
    const timestamp = i === 4998 ? 99_999 : partition * 10_000 + i;
    recent.add({ timestamp, partition, offset: i >> 1, line: `${i}`, undecodable: false });
  }
  expect(recent.take().map(({ line }) => line)).toEqual(['4997', '4999', '4998']);
  expect(recent.take()).toEqual([]);
});
