import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const describeQuorum = defineApi({
  key: 55,
  name: 'DescribeQuorum',
  versions: '0-2',
  flexible: '0+',
  request: {
    topics: t.array({
      topicName: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
      }),
    }),
  },
  response: {
    errorCode: t.int16(),
    errorMessage: t.string({ versions: '2+', nullable: '2+', default: null }),
    topics: t.array({
      topicName: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        errorCode: t.int16(),
        errorMessage: t.string({ versions: '2+', nullable: '2+', default: null }),
        leaderId: t.int32(),
        leaderEpoch: t.int32(),
        highWatermark: t.int64(),
        currentVoters: t.array({
          replicaId: t.int32(),
          replicaDirectoryId: t.uuid({ versions: '2+' }),
          logEndOffset: t.int64(),
          lastFetchTimestamp: t.int64({ versions: '1+', default: -1 }),
          lastCaughtUpTimestamp: t.int64({ versions: '1+', default: -1 }),
        }),
        observers: t.array({
          replicaId: t.int32(),
          replicaDirectoryId: t.uuid({ versions: '2+' }),
          logEndOffset: t.int64(),
          lastFetchTimestamp: t.int64({ versions: '1+', default: -1 }),
          lastCaughtUpTimestamp: t.int64({ versions: '1+', default: -1 }),
        }),
      }),
    }),
    nodes: t.array(
      {
        nodeId: t.int32({ versions: '2+' }),
        listeners: t.array(
          {
            name: t.string({ versions: '2+' }),
            host: t.string({ versions: '2+' }),
            port: t.uint16({ versions: '2+' }),
          },
          { versions: '2+' },
        ),
      },
      { versions: '2+' },
    ),
  },
});
