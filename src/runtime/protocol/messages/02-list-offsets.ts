import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

/** Special timestamps of ListOffsets. */
export const LATEST_TIMESTAMP = -1;
export const EARLIEST_TIMESTAMP = -2;
/** From version 7: the record with the highest timestamp (KIP-734). */
export const MAX_TIMESTAMP = -3;

export const listOffsets = defineApi({
  key: 2,
  name: 'ListOffsets',
  versions: '1-11',
  flexible: '6+',
  request: {
    replicaId: t.int32({ default: -1 }),
    isolationLevel: t.int8({ versions: '2+' }),
    topics: t.array({
      name: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        currentLeaderEpoch: t.int32({ versions: '4+', default: -1 }),
        timestamp: t.int64(),
      }),
    }),
    timeoutMs: t.int32({ versions: '10+' }),
  },
  response: {
    throttleTimeMs: t.int32({ versions: '2+' }),
    topics: t.array({
      name: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        errorCode: t.int16(),
        timestamp: t.int64({ default: -1 }),
        offset: t.int64({ default: -1 }),
        leaderEpoch: t.int32({ versions: '4+', default: -1 }),
      }),
    }),
  },
});
