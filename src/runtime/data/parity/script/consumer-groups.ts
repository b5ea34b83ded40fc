import {
  consumerGroupDescribe,
  consumerGroupHeartbeat,
  deleteGroups,
  describeGroups,
  heartbeat,
  joinGroup,
  offsetCommit,
  offsetFetch,
} from '../../../protocol/index.ts';
import type { Session } from '../session.ts';
import { upgrading } from './group-upgrade.ts';

const LEAVE = -1;

/** Groups of the consumer protocol (KIP-848). */
export async function consumerGroupsScript(session: Session): Promise<void> {
  const topicId = await session.topic('consumers', 4);
  await session.topic('consumers-2', 2);
  const topic = session.name('consumers');
  const groupId = session.name('consumer');
  await session.coordinator('consumer', 0);
  const first = {
    groupId,
    memberId: 'member-a',
    memberEpoch: 0,
    rebalanceTimeoutMs: 30_000,
    subscribedTopicNames: [topic],
    topicPartitions: [],
  };
  const beat = (what: string, rest: object) =>
    session.ask(`consumer groups: ${what}`, consumerGroupHeartbeat, { ...first, ...rest });
  await beat('join without a group', { groupId: '' });
  await beat('join without an id', { memberId: '' });
  await beat('join without topics', { subscribedTopicNames: null });
  await beat('join without a time to rebalance', { rebalanceTimeoutMs: -1 });
  await beat('join owning something', { topicPartitions: [{ topicId, partitions: [0] }] });
  await beat('join with an unknown assignor', { serverAssignor: 'magic' });
  await beat('join with a pattern that is none', { subscribedTopicNames: null, subscribedTopicRegex: '(' });
  await beat('go on in a group that is not there', { memberEpoch: 3 });
  await beat('with an epoch of nonsense', { memberEpoch: -7 });
  const joined = await session.ask('consumer groups: join', consumerGroupHeartbeat, first, {
    until: ((answer: { assignment: { topicPartitions: unknown[] } | null }) =>
      answer.assignment !== null) as never,
  });
  const memberEpoch = joined!.memberEpoch;
  const later = { rebalanceTimeoutMs: -1, subscribedTopicNames: null, topicPartitions: null };
  await beat('go on', { ...later, memberEpoch });
  await beat('own what was given', {
    ...later,
    memberEpoch,
    topicPartitions: [{ topicId, partitions: [0, 1, 2, 3] }],
  });
  await beat('with an epoch to come', { ...later, memberEpoch: memberEpoch + 5 });
  await beat('of nobody', { ...later, memberId: 'nobody', memberEpoch });
  const describe = (what: string, groupIds: string[]) =>
    session.askInAll(`consumer groups: describe ${what}`, consumerGroupDescribe, {
      groupIds,
      includeAuthorizedOperations: true,
    });
  await describe('one with a member', [groupId]);
  await describe('one that is not there', [session.name('none')]);
  await describe('one without a name', ['']);
  await session.ask('consumer groups: describe it as a classic one', describeGroups, { groups: [groupId] });
  await session.ask('consumer groups: join it as a classic member', joinGroup, {
    groupId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId: '',
    protocolType: 'connect',
    protocols: [{ name: 'x', metadata: Buffer.alloc(0) }],
  });
  await session.ask('consumer groups: a classic heartbeat', heartbeat, {
    groupId,
    generationId: memberEpoch,
    memberId: 'member-a',
  });

  const commit = (what: string, rest: object) =>
    session.ask(`consumer groups: commit ${what}`, offsetCommit, {
      groupId,
      memberId: 'member-a',
      generationIdOrMemberEpoch: memberEpoch,
      topics: [{ name: topic, topicId, partitions: [{ partitionIndex: 0, committedOffset: 5 }] }],
      ...rest,
    });
  await commit('of a member', {});
  await commit('of an epoch to come', { generationIdOrMemberEpoch: memberEpoch + 5 });
  await commit('of nobody', { memberId: 'nobody' });
  await commit('from outside', { memberId: '', generationIdOrMemberEpoch: -1 });
  for (const [what, member] of [
    ['a member', { memberId: 'member-a', memberEpoch }],
    ['a member with an epoch to come', { memberId: 'member-a', memberEpoch: memberEpoch + 5 }],
    ['nobody', { memberId: 'nobody', memberEpoch }],
  ] as const) {
    await session.ask(`consumer groups: committed, for ${what}`, offsetFetch, {
      groups: [{ groupId, ...member, topics: null }],
    });
  }
  const second = await beat('a second member joins', { memberId: 'member-b' });
  await beat('the first is told to give up', { ...later, memberEpoch });
  const freed = await beat('the first has given up', {
    ...later,
    memberEpoch,
    topicPartitions: [{ topicId, partitions: [0, 1] }],
  });
  await beat('the second gets them', {
    ...later,
    memberId: 'member-b',
    memberEpoch: second!.memberEpoch,
    topicPartitions: [],
  });
  await describe('one with two members', [groupId]);
  await session.ask('consumer groups: delete one with members', deleteGroups, { groupsNames: [groupId] });
  await beat('leave', { ...later, memberId: 'member-b', memberEpoch: LEAVE });
  await beat('leave again', { ...later, memberId: 'member-b', memberEpoch: LEAVE });
  await beat('change the topics', {
    ...later,
    memberEpoch: freed!.memberEpoch,
    subscribedTopicNames: [topic, session.name('consumers-2')],
  });
  await beat('the last one leaves', { ...later, memberEpoch: LEAVE });
  await describe('one that is empty', [groupId]);
  await instances(session, topic);
  await upgrading(session, topic);
  await session.ask('consumer groups: delete', deleteGroups, { groupsNames: [groupId] });
}

async function instances(session: Session, topic: string): Promise<void> {
  const body = {
    groupId: session.name('consumer-static'),
    memberId: 'member-1',
    memberEpoch: 0,
    instanceId: 'one',
    rebalanceTimeoutMs: 30_000,
    subscribedTopicNames: [topic],
    topicPartitions: [],
  };
  const beat = (what: string, rest: object) =>
    session.ask(`consumer groups: as an instance, ${what}`, consumerGroupHeartbeat, { ...body, ...rest });
  const joined = await beat('join', {});
  await beat('another with its name', { memberId: 'member-2' });
  await beat('leave for a while', {
    memberEpoch: -2,
    rebalanceTimeoutMs: -1,
    subscribedTopicNames: null,
    topicPartitions: null,
  });
  await beat('come back', { memberId: 'member-3' });
  await beat('the one before goes on', {
    memberEpoch: joined!.memberEpoch,
    rebalanceTimeoutMs: -1,
    subscribedTopicNames: null,
    topicPartitions: null,
  });
  await beat('leave for good', {
    memberId: 'member-3',
    memberEpoch: -1,
    rebalanceTimeoutMs: -1,
    subscribedTopicNames: null,
    topicPartitions: null,
  });
}
