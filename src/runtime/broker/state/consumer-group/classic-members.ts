/**
 * What members of the classic protocol ask of a group that has gone over to the consumer protocol (KIP-848, online
 * upgrade): the rules of GroupMetadataManager.classicGroup{Join,Sync,Heartbeat}ToConsumerGroup. Their generation is the
 * member's epoch, nobody leads, and nobody waits: a join is answered at once.
 */
import { randomUUID } from 'node:crypto';
import {
  CONSUMER_PROTOCOL,
  type KafkaErrorName,
  readSubscription,
  writeAssignment,
} from '../../../protocol/index.ts';
import { type JoinAnswer, refusedJoin, refusedSync, type SyncAnswer } from '../group-answers.ts';
import { kept } from '../group-member.ts';
import type { JoinRequest, SyncRequest } from '../group-requests.ts';
import type { ConsumerGroup } from './group.ts';
import { type ClassicSide, ConsumerMember, successor } from './member.ts';
import { fromNames, toNames } from './names.ts';
import { difference } from './partitions.ts';

export function joinClassic(group: ConsumerGroup, request: JoinRequest): JoinAnswer {
  const { groupInstanceId: instanceId, protocolType, protocols } = request;
  const isUnknown = request.memberId === '';
  const memberId = isUnknown ? randomUUID() : request.memberId;
  const refuse = (error: KafkaErrorName) =>
    refusedJoin(error, error === 'MEMBER_ID_REQUIRED' ? memberId : '');
  if (!group.hasRoom && !group.members.has(memberId)) return refuse('GROUP_MAX_SIZE_REACHED');
  const subscription = protocolType === CONSUMER_PROTOCOL ? subscriptionOf(protocols) : null;
  if (!subscription || !supports(group, protocols)) return refuse('INCONSISTENT_GROUP_PROTOCOL');
  if (isUnknown && instanceId === null && request.requireKnownId) return refuse('MEMBER_ID_REQUIRED');
  const member = memberFor(group, memberId, instanceId, isUnknown);
  if (!(member instanceof ConsumerMember)) return refuse(member);

  const { clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs } = request;
  const said = {
    ...{ clientId, clientHost, rebalanceTimeoutMs, rackId: subscription.rackId, serverAssignor: null },
    ...{ subscribedTopicNames: subscription.topics, subscribedTopicRegex: '' },
  };
  const classic: ClassicSide = { sessionTimeoutMs, protocols: kept(protocols) };
  const isOther = group.advance(member, said, fromNames(subscription.owned, group.topics()), classic);
  member.awaitSync(() => group.expire(member));
  const answer: JoinAnswer = {
    ...{ error: 'NONE', memberId, generationId: member.epoch, protocolType: CONSUMER_PROTOCOL },
    ...{ protocolName: protocolOf(classic), leader: '', skipAssignment: false, members: [] },
  };
  // A static member that has gone back to the classic protocol can be the last of the other one.
  if (!group.hasConsumers) group.leaveToClassic(isOther);
  return answer;
}

/** All protocols of a member carry the same subscription. Null when it is none. */
function subscriptionOf(protocols: JoinRequest['protocols']) {
  try {
    return protocols[0] ? readSubscription(protocols[0].metadata) : null;
  } catch {
    return null;
  }
}

/** Some protocol of the new member is one that all members of the classic protocol have. */
function supports({ members }: ConsumerGroup, protocols: JoinRequest['protocols']): boolean {
  const others = [...members.values()].flatMap(({ classic }) => classic ?? []);
  return protocols.some((own) =>
    others.every((other) => other.protocols.some(({ name }) => name === own.name)),
  );
}

const protocolOf = ({ protocols }: ClassicSide): string => protocols[0]!.name;

function memberFor(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string | null,
  isUnknown: boolean,
): ConsumerMember | KafkaErrorName {
  if (instanceId === null) return group.members.get(memberId) ?? new ConsumerMember(memberId, null);
  const holder = group.byInstance(instanceId);
  if (isUnknown) return successor(memberId, instanceId, holder);
  if (!holder) return 'UNKNOWN_MEMBER_ID';
  return holder.id === memberId ? holder : 'FENCED_INSTANCE_ID';
}

/** The member, when it speaks the classic protocol and is in that generation; else why it may not. */
function classicMember(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string | null,
  generationId: number,
): (ConsumerMember & { classic: ClassicSide }) | KafkaErrorName {
  const member = instanceId === null ? group.members.get(memberId) : group.byInstance(instanceId);
  if (!member) return 'UNKNOWN_MEMBER_ID';
  if (member.id !== memberId) return 'FENCED_INSTANCE_ID';
  if (!member.classic) return 'UNKNOWN_MEMBER_ID';
  if (member.epoch !== generationId) return 'ILLEGAL_GENERATION';
  return member as ConsumerMember & { classic: ClassicSide };
}

export function syncClassic(group: ConsumerGroup, request: SyncRequest): SyncAnswer {
  const { memberId, groupInstanceId, generationId, protocolType, protocolName } = request;
  const member = classicMember(group, memberId, groupInstanceId, generationId);
  if (typeof member === 'string') return refusedSync(member);
  const isOther =
    (protocolType !== null && protocolType !== CONSUMER_PROTOCOL) ||
    (protocolName !== null && protocolName !== protocolOf(member.classic));
  if (isOther) return refusedSync('INCONSISTENT_GROUP_PROTOCOL');
  if (group.epoch > member.epoch && member.state !== 'unrevoked') {
    member.awaitRejoin(() => group.expire(member));
    return refusedSync('REBALANCE_IN_PROGRESS');
  }
  member.stopAwaiting();
  group.touch(member);
  return { error: 'NONE', protocolType, protocolName, assignment: assignmentOf(group, member) };
}

function assignmentOf(group: ConsumerGroup, { assigned, classic }: ConsumerMember): Buffer {
  const { version } = readSubscription(classic!.protocols[0]!.metadata);
  return writeAssignment(toNames(assigned, group.topics()), null, version);
}

/** REBALANCE_IN_PROGRESS tells the member to join again: to keep up, to give something back, or to get what is free now. */
export function heartbeatClassic(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string | null,
  generationId: number,
): KafkaErrorName {
  const member = classicMember(group, memberId, instanceId, generationId);
  if (typeof member === 'string') return member;
  group.touch(member);
  const isBehind = member.epoch < group.epoch || member.state === 'unrevoked';
  if (!isBehind && (member.state !== 'unreleased' || isWaiting(group, member))) return 'NONE';
  member.awaitRejoin(() => group.expire(member));
  return 'REBALANCE_IN_PROGRESS';
}

/** Somebody else still has a partition that the member is to get. */
function isWaiting(group: ConsumerGroup, member: ConsumerMember): boolean {
  const missing = difference(group.target.of(member.id), member.assigned);
  const isHeldByOther = group.heldByOthers(member);
  return [...missing].some(([topicId, numbers]) =>
    [...numbers].some((partition) => isHeldByOther(topicId, partition)),
  );
}
