import { defineApi } from '../api.ts';
import * as t from '../fields.ts';
import { leaderIdAndEpoch, nodeEndpoints } from './shared.ts';

/** Versions 0 to 3 answer with message sets older than record batches and are not defined. */
export const fetch = defineApi({
  key: 1,
  name: 'Fetch',
  versions: '4-18',
  flexible: '12+',
  request: {
    clusterId: t.string({ versions: '12+', nullable: '12+', default: null, tag: 0 }),
    replicaId: t.int32({ versions: '0-14', default: -1 }),
    replicaState: t.struct(
      { replicaId: t.int32({ default: -1 }), replicaEpoch: t.int64({ default: -1 }) },
      { versions: '15+', tag: 1 },
    ),
    maxWaitMs: t.int32(),
    minBytes: t.int32(),
    maxBytes: t.int32({ default: 0x7fffffff }),
    /** 0 read_uncommitted, 1 read_committed. */
    isolationLevel: t.int8({ default: 0 }),
    sessionId: t.int32({ versions: '7+' }),
    sessionEpoch: t.int32({ versions: '7+', default: -1 }),
    topics: t.array({
      topic: t.string({ versions: '0-12' }),
      topicId: t.uuid({ versions: '13+' }),
      partitions: t.array({
        partition: t.int32(),
        currentLeaderEpoch: t.int32({ versions: '9+', default: -1 }),
        fetchOffset: t.int64(),
        lastFetchedEpoch: t.int32({ versions: '12+', default: -1 }),
        logStartOffset: t.int64({ versions: '5+', default: -1 }),
        partitionMaxBytes: t.int32(),
        replicaDirectoryId: t.uuid({ versions: '17+', tag: 0 }),
        /** Of a follower (KIP-1166); the default says that it does not tell. */
        highWatermark: t.int64({ versions: '18+', tag: 1, default: 2 ** 63 }),
      }),
    }),
    forgottenTopicsData: t.array(
      {
        topic: t.string({ versions: '7-12' }),
        topicId: t.uuid({ versions: '13+' }),
        partitions: t.array(t.int32()),
      },
      { versions: '7+' },
    ),
    rackId: t.string({ versions: '11+' }),
  },
  response: {
    throttleTimeMs: t.int32({ versions: '1+' }),
    errorCode: t.int16({ versions: '7+' }),
    sessionId: t.int32({ versions: '7+' }),
    responses: t.array({
      topic: t.string({ versions: '0-12' }),
      topicId: t.uuid({ versions: '13+' }),
      partitions: t.array({
        partitionIndex: t.int32(),
        errorCode: t.int16(),
        highWatermark: t.int64(),
        lastStableOffset: t.int64({ default: -1 }),
        logStartOffset: t.int64({ versions: '5+', default: -1 }),
        divergingEpoch: t.struct(
          { epoch: t.int32({ default: -1 }), endOffset: t.int64({ default: -1 }) },
          { versions: '12+', tag: 0 },
        ),
        currentLeader: leaderIdAndEpoch({ versions: '12+', tag: 1 }),
        snapshotId: t.struct(
          { endOffset: t.int64({ default: -1 }), epoch: t.int32({ default: -1 }) },
          { versions: '12+', tag: 2 },
        ),
        abortedTransactions: t.array(
          { producerId: t.int64(), firstOffset: t.int64() },
          { nullable: '4+', default: null },
        ),
        preferredReadReplica: t.int32({ versions: '11+', default: -1 }),
        /** Record batches as they are; the last one may be cut off. */
        records: t.bytes({ nullable: '0+' }),
      }),
    }),
    nodeEndpoints: nodeEndpoints({ versions: '16+', tag: 0 }),
  },
});
