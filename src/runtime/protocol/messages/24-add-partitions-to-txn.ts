import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

const topics = <const O extends t.FieldOptions>(options: O) =>
  t.array({ name: t.string(), partitions: t.array(t.int32()) }, options);

const topicResults = <const O extends t.FieldOptions>(options?: O) =>
  t.array(
    {
      name: t.string(),
      resultsByPartition: t.array({ partitionIndex: t.int32(), partitionErrorCode: t.int16() }),
    },
    options,
  );

/** Up to version 3 a client adds to its own transaction; from 4 on brokers ask for many at once (KIP-890). */
export const addPartitionsToTxn = defineApi({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: '0-5',
  flexible: '3+',
  request: {
    transactions: t.array(
      {
        transactionalId: t.string(),
        producerId: t.int64(),
        producerEpoch: t.int16(),
        /** Asks whether the partitions are in the transaction, and adds none. */
        verifyOnly: t.boolean({ default: false }),
        topics: topics({}),
      },
      { versions: '4+' },
    ),
    transactionalId: t.string({ versions: '0-3' }),
    producerId: t.int64({ versions: '0-3' }),
    producerEpoch: t.int16({ versions: '0-3' }),
    topics: topics({ versions: '0-3' }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16({ versions: '4+' }),
    resultsByTransaction: t.array(
      { transactionalId: t.string(), topicResults: topicResults() },
      { versions: '4+' },
    ),
    resultsByTopic: topicResults({ versions: '0-3' }),
  },
});
