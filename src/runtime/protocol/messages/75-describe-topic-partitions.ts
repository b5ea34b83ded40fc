import { defineApi } from '../api.ts';
import * as t from '../fields.ts';
import { NO_AUTHORIZED_OPERATIONS } from './shared.ts';

const cursor = () =>
  t.struct({ topicName: t.string(), partitionIndex: t.int32() }, { nullable: '0+', default: null });

export const describeTopicPartitions = defineApi({
  key: 75,
  name: 'DescribeTopicPartitions',
  versions: '0',
  flexible: '0+',
  request: {
    /** Empty asks for all topics. */
    topics: t.array({ name: t.string() }),
    responsePartitionLimit: t.int32({ default: 2000 }),
    /** The first partition to tell of. */
    cursor: cursor(),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    topics: t.array({
      errorCode: t.int16(),
      name: t.string({ nullable: '0+' }),
      topicId: t.uuid({ default: t.NIL_UUID }),
      isInternal: t.boolean({ default: false }),
      partitions: t.array({
        errorCode: t.int16(),
        partitionIndex: t.int32(),
        leaderId: t.int32(),
        leaderEpoch: t.int32({ default: -1 }),
        replicaNodes: t.array(t.int32()),
        isrNodes: t.array(t.int32()),
        eligibleLeaderReplicas: t.array(t.int32(), { nullable: '0+', default: null }),
        lastKnownElr: t.array(t.int32(), { nullable: '0+', default: null }),
        offlineReplicas: t.array(t.int32(), { default: [] }),
      }),
      topicAuthorizedOperations: t.int32({ default: NO_AUTHORIZED_OPERATIONS }),
    }),
    /** Where the next request begins; null when all was told. */
    nextCursor: cursor(),
  },
});
