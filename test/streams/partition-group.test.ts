import { expect, test } from 'vitest';
import { PartitionGroup } from '../../src/runtime/streams/partition-group.ts';

const group = (maxIdleMs: number) => new PartitionGroup<string>([{ name: 'p1' }, { name: 'p2' }], maxIdleMs);
const at = (...times: number[]) => times.map((timestamp) => ({ record: `r${timestamp}`, timestamp }));

test('the earliest head is next, whatever its partition has seen before', () => {
  const both = group(0);
  both.add('p1', at(1, 5, 3));
  expect([both.next()?.timestamp, both.next()?.timestamp]).toEqual([1, 5]);
  both.add('p2', at(2, 4, 6));
  const order = [];
  for (let next = both.next(); next; next = both.next()) order.push(`${next.name}:${next.timestamp}`);
  expect(order).toEqual(['p2:2', 'p1:3', 'p2:4', 'p2:6']);
});

test('of equal times the table is first', () => {
  const both = new PartitionGroup<string>([{ name: 'stream' }, { name: 'table', isTable: true }], 0);
  both.add('stream', at(7));
  both.add('table', at(7));
  expect([both.next()?.name, both.next()?.name]).toEqual(['table', 'stream']);
});

test('-1 never waits', () => {
  const both = group(-1);
  both.add('p1', at(1));
  expect(both.isReady(0)).toBe(true);
});

test('0 waits until an empty partition is known to have nothing', () => {
  const both = group(0);
  both.add('p1', at(1));
  expect(both.isReady(0)).toBe(false);
  both.setLag('p2', 3);
  expect(both.isReady(0)).toBe(false);
  both.setLag('p2', 0);
  expect(both.isReady(0)).toBe(true);
  expect(both.enforced).toBe(0);
});

test('more than 0 waits so much longer, and counts what it then enforces', () => {
  const both = group(1);
  both.add('p1', at(1));
  both.setLag('p2', 0);
  expect([both.isReady(0), both.isReady(1), both.isReady(2)]).toEqual([false, true, true]);
  expect(both.enforced).toBe(2);
});

test('with nothing at all it is never ready', () => {
  const both = group(1);
  both.setLag('p1', 0);
  both.setLag('p2', 0);
  expect([both.isReady(0), both.isReady(10)]).toEqual([false, false]);
});
