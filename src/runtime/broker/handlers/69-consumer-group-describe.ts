import { codeOf, consumerGroupDescribe, type KafkaErrorName } from '../../protocol/index.ts';
import type { BrokerState } from '../state/broker-state.ts';
import type { ConsumerGroup } from '../state/consumer-group/group.ts';
import { listOf, type Partitions } from '../state/consumer-group/partitions.ts';
import { authorizedOperations } from './authorized-operations.ts';
import { coordinatorProblem } from './coordinators.ts';
import { handler } from './handler.ts';

const memberTypes = { classic: 0, consumer: 1 };

/** ConsumerGroupDescribe 0–1 (KIP-848). */
export const consumerGroupDescribeHandler = handler(consumerGroupDescribe, (request, context) => ({
  groups: request.groupIds.map((groupId) => {
    const { broker } = context;
    const problem = coordinatorProblem(context, groupId);
    if (problem) return failed(groupId, problem);
    const group = broker.groups.consumers.get(groupId);
    if (!group) return missing(groupId);
    const operations = authorizedOperations('group', request.includeAuthorizedOperations);
    return { ...described(group, broker), authorizedOperations: operations };
  }),
}));

function described(group: ConsumerGroup, { topics }: BrokerState) {
  const assignment = (partitions: Partitions) => ({
    topicPartitions: listOf(partitions).map(({ topicId, ...rest }) => ({
      topicId,
      topicName: topics.byId(topicId)?.name ?? '',
      ...rest,
    })),
  });
  return {
    errorCode: 0,
    groupId: group.id,
    groupState: group.state,
    groupEpoch: group.epoch,
    assignmentEpoch: group.target.epoch,
    assignorName: group.target.assignor,
    members: [...group.members.values()].map((member) => ({
      memberId: member.id,
      instanceId: member.instanceId,
      rackId: member.rackId,
      memberEpoch: member.epoch,
      clientId: member.clientId,
      clientHost: `/${member.clientHost}`,
      subscribedTopicNames: member.topicNames,
      subscribedTopicRegex: member.topicRegex ?? '',
      assignment: assignment(member.assigned),
      targetAssignment: assignment(group.target.of(member.id)),
      memberType: member.classic ? memberTypes.classic : memberTypes.consumer,
    })),
  };
}

const missing = (groupId: string) => ({
  ...failed(groupId, groupId === '' ? 'INVALID_GROUP_ID' : 'GROUP_ID_NOT_FOUND'),
  errorMessage: `Group ${groupId} is not a consumer group.`,
});

const failed = (groupId: string, error: KafkaErrorName) => ({
  errorCode: codeOf(error),
  groupId,
  groupState: '',
  ...{ groupEpoch: 0, assignmentEpoch: 0, assignorName: '', members: [] },
});
