import { expect, test } from 'vitest';
import { Backoff } from '../../../src/runtime/stack/backoff.ts';

test('waits longer after each crash, up to five seconds', () => {
  const backoff = new Backoff();
  expect(Array.from({ length: 8 }, () => backoff.next(0))).toEqual([
    100, 200, 400, 800, 1600, 3200, 5000, 5000,
  ]);
});

test('begins anew after a service was healthy for half a minute', () => {
  const backoff = new Backoff();
  backoff.next(0);
  backoff.next(0);
  expect(backoff.next(29_999)).toBe(400);
  expect(backoff.next(30_000)).toBe(100);
});
