import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const offsetForLeaderEpoch = defineApi({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: '2-4',
  flexible: '4+',
  request: {
    /** -1 a consumer; -2 one that is let see beyond the high watermark, for debugging. */
    replicaId: t.int32({ versions: '3+', default: -2 }),
    topics: t.array({
      topic: t.string(),
      partitions: t.array({
        partition: t.int32(),
        currentLeaderEpoch: t.int32({ default: -1 }),
        leaderEpoch: t.int32(),
      }),
    }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    topics: t.array({
      topic: t.string(),
      partitions: t.array({
        errorCode: t.int16(),
        partition: t.int32(),
        leaderEpoch: t.int32({ default: -1 }),
        endOffset: t.int64({ default: -1 }),
      }),
    }),
  },
});
