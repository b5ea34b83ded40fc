import {
  consumerGroupDescribe,
  consumerGroupHeartbeat,
  describeGroups,
  heartbeat,
  joinGroup,
  leaveGroup,
  listGroups,
  offsetCommit,
  syncGroup,
  writeAssignment,
} from '../../../protocol/index.ts';
import type { Session } from '../session.ts';
import { subscription } from './groups.ts';

const LEAVE = -1;

/** A member of the classic protocol in a group, and what it asks. */
class ClassicMember {
  readonly #session: Session;
  readonly #groupId: string;
  readonly #topic: string;
  readonly #rest: object;
  memberId = '';
  generationId = -1;

  constructor(session: Session, groupId: string, topic: string, rest: object = {}) {
    this.#session = session;
    this.#groupId = groupId;
    this.#topic = topic;
    this.#rest = rest;
  }

  get #who() {
    const { memberId, generationId } = this;
    return { groupId: this.#groupId, memberId, generationId, ...this.#rest };
  }

  async join(what: string, rest: object = {}): Promise<void> {
    const answer = await this.#session.ask(`consumer groups: ${what}`, joinGroup, {
      ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'consumer', ...this.#who },
      protocols: [{ name: 'range', metadata: subscription(this.#topic) }],
      ...rest,
    });
    this.memberId = answer!.memberId || this.memberId;
    this.generationId = answer!.generationId;
  }

  sync(what: string, rest: object = {}) {
    return this.#session.ask(`consumer groups: ${what}`, syncGroup, {
      ...{ ...this.#who, protocolType: 'consumer', protocolName: 'range', assignments: [], ...rest },
    });
  }

  /** As the leader, which gives everything to itself. */
  lead(what: string, partitions: number) {
    const own = Array.from({ length: partitions }, (_, partition) => ({ topic: this.#topic, partition }));
    const assignment = writeAssignment(own, null);
    return this.sync(what, { assignments: [{ memberId: this.memberId, assignment }] });
  }

  beat(what: string, rest: object = {}) {
    return this.#session.ask(`consumer groups: ${what}`, heartbeat, { ...this.#who, ...rest });
  }

  leave(what: string) {
    const { memberId } = this;
    return this.#session.ask(`consumer groups: ${what}`, leaveGroup, {
      groupId: this.#groupId,
      members: [{ memberId, ...this.#rest }],
    });
  }
}

/** KIP-848: members of the classic protocol are joined by one of the consumer protocol, and are left alone again. */
export async function upgrading(session: Session, topic: string): Promise<void> {
  const groupId = session.name('once-classic');
  const old = new ClassicMember(session, groupId, topic);
  await old.join('a classic member');
  await old.join('the classic member is in');
  await old.lead('the classic member has all', 4);
  const body = {
    ...{ groupId, memberId: 'member-c', memberEpoch: 0, rebalanceTimeoutMs: 30_000 },
    ...{ subscribedTopicNames: [topic], topicPartitions: [] },
  };
  const later = { rebalanceTimeoutMs: -1, subscribedTopicNames: null, topicPartitions: null };
  const beat = (what: string, rest: object) =>
    session.ask(`consumer groups: ${what}`, consumerGroupHeartbeat, { ...body, ...rest });
  const describe = async (what: string) => {
    await session.askInAll(`consumer groups: describe ${what}`, consumerGroupDescribe, {
      groupIds: [groupId],
      includeAuthorizedOperations: false,
    });
    await session.ask(`consumer groups: describe ${what}, as a classic one`, describeGroups, {
      groups: [groupId],
    });
  };
  await beat('go on in a classic group', { memberEpoch: 2 });
  const joined = await beat('join a classic group with members', {});
  const memberEpoch = joined!.memberEpoch;
  await session.ask('consumer groups: list', listGroups, { statesFilter: [], typesFilter: ['consumer'] });
  await describe('one that was classic');
  const commit = (what: string, generationIdOrMemberEpoch: number) =>
    session.ask(
      `consumer groups: commit of a classic member, ${what}`,
      offsetCommit,
      {
        ...{ groupId, memberId: old.memberId, generationIdOrMemberEpoch },
        topics: [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset: 5 }] }],
      },
      { version: 9 },
    );
  await commit('before it joins again', old.generationId);
  await commit('of another generation', old.generationId + 7);
  await old.beat('the classic member is to join again');
  await old.beat('a classic heartbeat of another generation', { generationId: 77 });
  await old.beat('a classic heartbeat for a member that is none', { memberId: 'member-c' });
  await old.sync('a classic sync before it joins again');
  await old.join('the classic member joins again');
  await old.sync('a classic sync with another protocol', { protocolName: 'sticky' });
  await old.sync('a classic sync for a member that is none', { memberId: 'nobody' });
  await old.sync('the classic member syncs');
  await old.beat('the classic member goes on');
  await beat('the new member gets its part', { ...later, memberEpoch, topicPartitions: [] });
  await beat('the new member goes on', { ...later, memberEpoch });
  await describe('one of both protocols');
  const another = new ClassicMember(session, groupId, topic);
  await another.join('another classic member');
  await another.join('one with no protocol in common', {
    protocols: [{ name: 'other', metadata: subscription(topic) }],
  });
  await another.join('one of another type', { protocolType: 'connect' });
  await another.join('another classic member is in');
  await another.sync('another classic member syncs');
  await another.leave('another classic member leaves');
  await old.join('the classic member joins once more');
  await old.sync('the classic member syncs once more');
  await beat('the last member of the consumer protocol leaves', { ...later, memberEpoch: LEAVE });
  await describe('one that is classic again');
  await old.beat('the classic member is to join again, alone');
  await old.join('the classic member joins again, alone');
  await old.lead('the classic member has all again', 4);
  await describe('one that is classic again, and settled');
  await old.leave('the classic member leaves');
  await refusals(session, topic);
  await instance(session, topic);
}

/** Groups that cannot go over. */
async function refusals(session: Session, topic: string): Promise<void> {
  const groupId = session.name('connect');
  const worker = new ClassicMember(session, groupId, topic);
  await worker.join('a member of Connect', { protocolType: 'connect' });
  await worker.join('the member of Connect is in', { protocolType: 'connect' });
  await session.ask('consumer groups: join a group of Connect', consumerGroupHeartbeat, {
    ...{ groupId, memberId: 'member-d', memberEpoch: 0, rebalanceTimeoutMs: 30_000 },
    ...{ subscribedTopicNames: [topic], topicPartitions: [] },
  });
  await worker.leave('the member of Connect leaves');
}

/** An instance goes over to the consumer protocol, and back. */
async function instance(session: Session, topic: string): Promise<void> {
  const groupId = session.name('classic-instance');
  const old = new ClassicMember(session, groupId, topic, { groupInstanceId: 'one' });
  await old.join('as a classic instance, join');
  await old.lead('as a classic instance, have all', 4);
  const body = { groupId, memberId: 'member-e', instanceId: 'one', rebalanceTimeoutMs: 30_000 };
  await session.ask('consumer groups: take the place of a classic instance', consumerGroupHeartbeat, {
    ...{ ...body, memberEpoch: 0, subscribedTopicNames: [topic], topicPartitions: [] },
  });
  await old.beat('as the classic instance, go on');
  const back = new ClassicMember(session, groupId, topic, { groupInstanceId: 'one' });
  await back.join('as a classic instance, come back');
  await session.ask('consumer groups: describe the one of the instance', describeGroups, {
    groups: [groupId],
  });
  await back.sync('as a classic instance, sync again');
  await back.leave('as a classic instance, leave');
}
