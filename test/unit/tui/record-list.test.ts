import { expect, test } from 'vitest';
import { RecordRing } from '../../../src/runtime/data/tail/live/record-ring.ts';
import { BatchBuilder, RecordWalker } from '../../../src/runtime/protocol/index.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { RecordList } from '../../../src/tui/tail/record-list.ts';

/** Adds so many records, all of one batch. */
function add(ring: RecordRing, count: number): void {
  const builder = new BatchBuilder();
  for (let i = 0; i < count; i++) builder.append(null, Buffer.alloc(40), i, null);
  const walker = new RecordWalker(builder.build({ baseOffset: 0 }));
  while (walker.next()) ring.add(0, walker);
}

test('counts what came while it was paused, also what there was no room for', () => {
  let nowMs = 0;
  const list = new RecordRing(20_000);
  const records = new RecordList({ list, clock: { ...systemClock, monotonic: () => nowMs } });
  add(list, 50);
  records.settle();
  records.pause(10);
  for (nowMs = 1000; nowMs < 4000; nowMs += 500) {
    add(list, 500);
    records.settle();
  }
  expect(records.around.missed).toBeGreaterThan(1000);
  records.follow();
  expect(records.rates.offered).toBe(1000);
});
