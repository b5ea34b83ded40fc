import { expect, test } from 'vitest';
import { ProducerState } from '../../../src/runtime/broker/state/producer-state.ts';
import { markerBatch, RecordBatch, TRANSACTIONAL } from '../../../src/runtime/protocol/index.ts';
import { Random } from '../../../src/shared/random.ts';
import { batchOf } from '../../support/raw-client.ts';

/** A log of `count` batches of eight producers, who begin, go on and end as it happens. */
function stateAfter(count: number): ProducerState {
  const random = new Random(7);
  const state = new ProducerState();
  const sequences = new Map<number, number>();
  for (let offset = 0; offset < count; offset++) {
    const producerId = Math.floor(random.uniform(0, 8));
    const isEnd = state.isOpen(producerId) && random.uniform(0, 1) < 0.5;
    const marker = {
      producerId,
      producerEpoch: 0,
      coordinatorEpoch: 0,
      isCommit: random.uniform(0, 1) < 0.4,
    };
    const baseSequence = sequences.get(producerId) ?? 0;
    if (!isEnd) sequences.set(producerId, baseSequence + 1);
    const records = { attributes: TRANSACTIONAL, producerId, producerEpoch: 0, baseSequence };
    const batch = new RecordBatch(isEnd ? markerBatch(marker, 0) : batchOf([{}], records));
    batch.baseOffset = offset;
    state.appended(batch, offset, 0);
  }
  return state;
}

test('those that a stretch of the log needs are found without a look at all that come later', () => {
  const { aborted } = stateAfter(2000);
  const { all } = aborted;
  expect(all.length).toBeGreaterThan(200);
  for (let from = 0; from < 2000; from += 3) {
    for (const to of [from + 1, from + 10, from + 300]) {
      const needed = all.filter(({ firstOffset, lastOffset }) => firstOffset < to && lastOffset >= from);
      expect(aborted.overlapping(from, to)).toEqual(needed);
    }
  }
});
