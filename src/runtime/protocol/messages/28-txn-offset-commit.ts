import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const txnOffsetCommit = defineApi({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: '0-6',
  flexible: '3+',
  request: {
    transactionalId: t.string(),
    groupId: t.string(),
    producerId: t.int64(),
    producerEpoch: t.int16(),
    /** Who consumed, so that a member that was put out cannot commit (KIP-447). */
    generationIdOrMemberEpoch: t.int32({ versions: '3+', default: -1 }),
    memberId: t.string({ versions: '3+', default: '' }),
    groupInstanceId: t.string({ versions: '3+', nullable: '3+', default: null }),
    topics: t.array({
      name: t.string({ versions: '0-5' }),
      topicId: t.uuid({ versions: '6+' }),
      partitions: t.array({
        partitionIndex: t.int32(),
        committedOffset: t.int64(),
        committedLeaderEpoch: t.int32({ versions: '2+', default: -1 }),
        committedMetadata: t.string({ nullable: '0+', default: null }),
      }),
    }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    topics: t.array({
      name: t.string({ versions: '0-5' }),
      topicId: t.uuid({ versions: '6+' }),
      partitions: t.array({ partitionIndex: t.int32(), errorCode: t.int16() }),
    }),
  },
});
