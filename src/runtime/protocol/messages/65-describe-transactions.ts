import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const describeTransactions = defineApi({
  key: 65,
  name: 'DescribeTransactions',
  versions: '0',
  flexible: '0+',
  request: { transactionalIds: t.array(t.string()) },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    transactionStates: t.array({
      errorCode: t.int16(),
      transactionalId: t.string(),
      transactionState: t.string(),
      transactionTimeoutMs: t.int32(),
      transactionStartTimeMs: t.int64(),
      producerId: t.int64(),
      producerEpoch: t.int16(),
      topics: t.array({ topic: t.string(), partitions: t.array(t.int32()) }),
    }),
  },
});
