import { defineApi } from '../api.ts';
import * as t from '../fields.ts';
import { NO_AUTHORIZED_OPERATIONS } from './shared.ts';

const assignment = {
  topicPartitions: t.array({ topicId: t.uuid(), topicName: t.string(), partitions: t.array(t.int32()) }),
};

/** KIP-848. */
export const consumerGroupDescribe = defineApi({
  key: 69,
  name: 'ConsumerGroupDescribe',
  versions: '0-1',
  flexible: '0+',
  request: {
    groupIds: t.array(t.string()),
    includeAuthorizedOperations: t.boolean(),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    groups: t.array({
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: '0+', default: null }),
      groupId: t.string(),
      groupState: t.string(),
      groupEpoch: t.int32(),
      assignmentEpoch: t.int32(),
      assignorName: t.string(),
      members: t.array({
        memberId: t.string(),
        instanceId: t.string({ nullable: '0+', default: null }),
        rackId: t.string({ nullable: '0+', default: null }),
        memberEpoch: t.int32(),
        clientId: t.string(),
        clientHost: t.string(),
        subscribedTopicNames: t.array(t.string()),
        subscribedTopicRegex: t.string({ nullable: '0+', default: null }),
        assignment: t.struct(assignment),
        targetAssignment: t.struct(assignment),
        /** 0: a member of the classic protocol, 1: of the consumer protocol, -1: unknown. KIP-1099. */
        memberType: t.int8({ versions: '1+', default: -1 }),
      }),
      authorizedOperations: t.int32({ default: NO_AUTHORIZED_OPERATIONS }),
    }),
  },
});
