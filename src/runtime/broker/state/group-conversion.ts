/** A group goes over to the other protocol with all its members (KIP-848, group.consumer.migration.policy=bidirectional). */
import {
  CONSUMER_PROTOCOL,
  readAssignment,
  readSubscription,
  writeAssignment,
} from '../../protocol/index.ts';
import type { ConsumerGroup } from './consumer-group/group.ts';
import { ConsumerMember } from './consumer-group/member.ts';
import { fromNames, toNames } from './consumer-group/names.ts';
import type { SubscribableTopic } from './consumer-group/subscriptions.ts';
import type { Group } from './group.ts';
import { Member } from './group-member.ts';
import { GroupMembers } from './group-members.ts';

/**
 * The members of a classic group as a group of the consumer protocol has them. Null when the group cannot go over: it is
 * none of consumers, or what they say is unknown here, or comes with data of an assignor that would get lost.
 */
export function toConsumerMembers(
  group: Group,
  topics: Iterable<SubscribableTopic>,
): ConsumerMember[] | null {
  if (group.protocolType !== CONSUMER_PROTOCOL) return null;
  const all = [...topics];
  try {
    const members = [...group.members.values()].map((member) => toConsumerMember(group, member, all));
    return members.every((member) => member !== null) ? members : null;
  } catch {
    return null;
  }
}

function toConsumerMember(
  { generationId }: Group,
  member: Member,
  topics: readonly SubscribableTopic[],
): ConsumerMember | null {
  const { partitions, userData } = readAssignment(member.assignment);
  const { topics: topicNames, rackId } = readSubscription(member.protocols[0]!.metadata);
  if (userData.length > 0) return null;
  const { clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols } = member;
  return Object.assign(new ConsumerMember(member.id, member.groupInstanceId), {
    ...{ clientId, clientHost, rebalanceTimeoutMs, rackId, topicNames: topicNames.toSorted() },
    ...{ epoch: generationId, previousEpoch: generationId, assigned: fromNames(partitions, topics) },
    classic: { sessionTimeoutMs, protocols },
  });
}

/** The other way; all members speak the classic protocol. What each is to have is its assignment. */
export function toClassicMembers(group: ConsumerGroup): GroupMembers {
  const topics = [...group.topics()];
  const members = new GroupMembers();
  for (const {
    id,
    instanceId,
    classic,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
  } of group.members.values()) {
    const candidate = { clientId, clientHost, rebalanceTimeoutMs, groupInstanceId: instanceId, ...classic! };
    members.set(id, new Member(id, { protocolType: CONSUMER_PROTOCOL, ...candidate }));
  }
  const protocol = members.electProtocol();
  for (const member of members.values()) {
    const { version } = readSubscription(member.metadataOf(protocol));
    member.assignment = writeAssignment(toNames(group.target.of(member.id), topics), null, version);
  }
  return members;
}
