import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const offsetCommit = defineApi({
  key: 8,
  name: 'OffsetCommit',
  versions: '2-10',
  flexible: '8+',
  request: {
    groupId: t.string(),
    /** The member epoch from version 9 on when the group uses the consumer protocol (KIP-848). */
    generationIdOrMemberEpoch: t.int32({ default: -1 }),
    memberId: t.string({ default: '' }),
    groupInstanceId: t.string({ versions: '7+', nullable: '7+', default: null }),
    retentionTimeMs: t.int64({ versions: '2-4', default: -1 }),
    topics: t.array({
      name: t.string({ versions: '0-9' }),
      topicId: t.uuid({ versions: '10+' }),
      partitions: t.array({
        partitionIndex: t.int32(),
        committedOffset: t.int64(),
        committedLeaderEpoch: t.int32({ versions: '6+', default: -1 }),
        committedMetadata: t.string({ nullable: '0+', default: null }),
      }),
    }),
  },
  response: {
    throttleTimeMs: t.int32({ versions: '3+' }),
    topics: t.array({
      name: t.string({ versions: '0-9' }),
      topicId: t.uuid({ versions: '10+' }),
      partitions: t.array({ partitionIndex: t.int32(), errorCode: t.int16() }),
    }),
  },
});
