import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const writeTxnMarkers = defineApi({
  key: 27,
  name: 'WriteTxnMarkers',
  versions: '1-2',
  flexible: '1+',
  request: {
    markers: t.array({
      producerId: t.int64(),
      producerEpoch: t.int16(),
      /** True commits, false aborts. */
      transactionResult: t.boolean(),
      topics: t.array({ name: t.string(), partitionIndexes: t.array(t.int32()) }),
      coordinatorEpoch: t.int32(),
      transactionVersion: t.int8({ versions: '2+', default: 0 }),
    }),
  },
  response: {
    markers: t.array({
      producerId: t.int64(),
      topics: t.array({
        name: t.string(),
        partitions: t.array({ partitionIndex: t.int32(), errorCode: t.int16() }),
      }),
    }),
  },
});
