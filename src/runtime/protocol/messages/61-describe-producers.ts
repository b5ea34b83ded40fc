import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const describeProducers = defineApi({
  key: 61,
  name: 'DescribeProducers',
  versions: '0',
  flexible: '0+',
  request: {
    topics: t.array({ name: t.string(), partitionIndexes: t.array(t.int32()) }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    topics: t.array({
      name: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: '0+', default: null }),
        activeProducers: t.array({
          producerId: t.int64(),
          producerEpoch: t.int32(),
          lastSequence: t.int32({ default: -1 }),
          lastTimestamp: t.int64({ default: -1 }),
          coordinatorEpoch: t.int32(),
          /** -1: no transaction is open. */
          currentTxnStartOffset: t.int64({ default: -1 }),
        }),
      }),
    }),
  },
});
