import { expect, test } from 'vitest';
import { Random } from '../../../src/shared/random.ts';

const draws = (...seed: [number, ...number[]]) => {
  const random = new Random(...seed);
  return Array.from({ length: 8 }, () => random.next());
};

test('the same seed gives the same numbers, in this version and the next', () => {
  expect(draws(42, 7, 1)).toEqual(draws(42, 7, 1));
  expect(draws(42)).toMatchInlineSnapshot(`
    [
      3397028551,
      3079737313,
      3303979079,
      3134349295,
      3192689255,
      376427693,
      154212168,
      2893370792,
    ]
  `);
});

test('seeds, streams and their order all count, also beyond 32 bits', () => {
  const all = [[1], [2], [1, 0], [1, 1], [0, 1], [1, 1, 2], [1, 2, 1], [2 ** 40 + 1], [2 ** 52 + 1]];
  expect(new Set(all.map((seed) => draws(...(seed as [number])).join())).size).toBe(all.length);
});

test('uniform numbers fill their range evenly', () => {
  const random = new Random(3);
  const buckets = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) buckets[Math.floor(random.uniform(-5, 5) + 5)]!++;
  for (const bucket of buckets) expect(Math.abs(bucket - 10_000)).toBeLessThan(400);
});

test('a permutation has every number once and depends on the seed', () => {
  const order = new Random(1).permutation(1000);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect(order).toEqual(new Random(1).permutation(1000));
  expect(order).not.toEqual(new Random(2).permutation(1000));
});
