import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

const topicPartitions = { topicId: t.uuid(), partitions: t.array(t.int32()) };

/** KIP-848. */
export const consumerGroupHeartbeat = defineApi({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: '0-1',
  flexible: '0+',
  request: {
    groupId: t.string(),
    memberId: t.string(),
    memberEpoch: t.int32(),
    instanceId: t.string({ nullable: '0+', default: null }),
    rackId: t.string({ nullable: '0+', default: null }),
    rebalanceTimeoutMs: t.int32({ default: -1 }),
    subscribedTopicNames: t.array(t.string(), { nullable: '0+', default: null }),
    subscribedTopicRegex: t.string({ versions: '1+', nullable: '1+', default: null }),
    serverAssignor: t.string({ nullable: '0+', default: null }),
    topicPartitions: t.array(topicPartitions, { nullable: '0+', default: null }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: '0+', default: null }),
    memberId: t.string({ nullable: '0+', default: null }),
    memberEpoch: t.int32({ default: 0 }),
    heartbeatIntervalMs: t.int32({ default: 0 }),
    assignment: t.struct({ topicPartitions: t.array(topicPartitions) }, { nullable: '0+', default: null }),
  },
});
