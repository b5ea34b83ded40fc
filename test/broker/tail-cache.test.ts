import { expect, test } from 'vitest';
import { Tail, TailCache } from '../../src/runtime/broker/storage/tail-cache.ts';

const BUDGET_BYTES = 1024 * 1024;
const SLAB_BYTES = 256 * 1024;

test('what small batches keep alive is the budget and a slab, also when others are cleared between them', () => {
  const cache = new TailCache(BUDGET_BYTES);
  const kept = new Tail();
  const bytes = Buffer.alloc(120, 1);
  for (let offset = 0; offset < 50_000; offset++) {
    cache.add(kept, offset, bytes);
    const other = new Tail();
    cache.add(other, 0, Buffer.alloc(2000, 2));
    cache.clear(other);
    // What Node's shared pool is used for besides.
    Buffer.from('x'.repeat(100));
  }
  const alive = new Set(kept.batches.map(({ buffer }) => buffer));
  const aliveBytes = [...alive].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(aliveBytes).toBeLessThanOrEqual(BUDGET_BYTES + 2 * SLAB_BYTES);
  expect(kept.batches.length).toBeGreaterThan(400);
  expect(kept.offsets.at(-1)).toBe(49_999);
  expect(kept.read(49_998, 1000)).toEqual([bytes, bytes]);
  expect(kept.read(0, 1000)).toBeNull();
});

test('a batch larger than the budget is not kept, and nothing else is lost by it for long', () => {
  const cache = new TailCache(1000);
  const tail = new Tail();
  cache.add(tail, 0, Buffer.alloc(100, 1));
  cache.add(tail, 1, Buffer.alloc(200_000, 2));
  expect(tail.batches).toEqual([]);
  cache.add(tail, 2, Buffer.alloc(100, 3));
  expect(tail.read(2, 1000)).toEqual([Buffer.alloc(100, 3)]);
});
