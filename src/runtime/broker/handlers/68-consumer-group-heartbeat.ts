import { codeOf, consumerGroupHeartbeat } from '../../protocol/index.ts';
import { listOf, partitionsOf } from '../state/consumer-group/partitions.ts';
import { handler } from './handler.ts';

/** ConsumerGroupHeartbeat 0–1 (KIP-848): dynamic and static members, subscriptions by name and expression. */
export const consumerGroupHeartbeatHandler = handler(
  consumerGroupHeartbeat,
  ({ groupId, topicPartitions, ...request }, { broker, clientId, clientHost, version }) => {
    // From version 1 on members name themselves (KIP-1082).
    if (version >= 1 && request.memberId === '') {
      return { errorCode: codeOf('INVALID_REQUEST'), errorMessage: "MemberId can't be empty." };
    }
    const { error, message, assignment, ...answer } = broker.groups.consumerHeartbeat(groupId, {
      ...request,
      owned: topicPartitions && partitionsOf(topicPartitions),
      ...{ clientId, clientHost },
    });
    return {
      errorCode: codeOf(error),
      errorMessage: message ?? null,
      ...answer,
      assignment: assignment ? { topicPartitions: listOf(assignment) } : null,
    };
  },
  { leftOut: 'racks are stored and not looked at' },
);
