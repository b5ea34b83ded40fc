import {
  deleteGroups,
  describeGroups,
  heartbeat,
  joinGroup,
  leaveGroup,
  listGroups,
  offsetCommit,
  offsetDelete,
  syncGroup,
  writeSubscription,
} from '../../../protocol/index.ts';
import type { Session } from '../session.ts';
import { committing } from './offsets.ts';

/** Offsets that are committed, and groups of the classic protocol. */
export async function groupsScript(session: Session): Promise<void> {
  const topicId = await session.topic('groups', 3);
  const name = session.name('groups');
  await session.coordinator('simple', 0);
  await committing(session, name, topicId);
  await classic(session, name);
}

async function classic(session: Session, topic: string): Promise<void> {
  const groupId = session.name('classic');
  const metadata = subscription(topic);
  const join = {
    groupId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [
      { name: 'range', metadata },
      { name: 'roundrobin', metadata },
    ],
  };
  const ask = (what: string, rest: object) => session.ask(`groups: ${what}`, joinGroup, { ...join, ...rest });
  await ask('join without a group', { groupId: '' });
  const unnamed = { groupId: '', memberId: 'nobody', generationId: 1 };
  await session.ask('groups: sync without a group', syncGroup, {
    ...{ ...unnamed, protocolType: 'consumer', protocolName: 'range', assignments: [] },
  });
  await session.ask('groups: heartbeat without a group', heartbeat, unnamed);
  await session.ask('groups: leave without a group', leaveGroup, { ...unnamed, members: [unnamed] });
  await ask('join with too short a session', { sessionTimeoutMs: 1 });
  await ask('join with too long a session', { sessionTimeoutMs: 100_000_000 });
  await ask('join as nobody', { memberId: 'nobody' });
  await ask('join without protocols', { protocols: [] });
  await ask('join without a type', { protocolType: '' });
  for (const version of session.versions(joinGroup)) {
    const own = { ...join, groupId: session.name(`classic-${version}`) };
    const first = await session.ask('groups: join', joinGroup, own, { version });
    const joined =
      version < 4
        ? first
        : await session.ask(
            'groups: join with the id given',
            joinGroup,
            { ...own, memberId: first!.memberId },
            { version },
          );
    const { memberId, generationId } = joined!;
    await session.ask('groups: leave after the join', leaveGroup, {
      groupId: own.groupId,
      memberId,
      members: [{ memberId }],
    });
    session.keep('groups: generation of the join', joinGroup, version, { generationId });
  }
  const given = await ask('join a group', {});
  const memberId = given!.memberId;
  const joined = await ask('join a group with the id given', { memberId });
  const generationId = joined!.generationId;
  const member = { groupId, memberId, generationId };
  await session.askInAll('groups: heartbeat before the sync', heartbeat, member);
  await session.ask('groups: describe one that waits for its leader', describeGroups, { groups: [groupId] });
  await session.ask('groups: sync of another generation', syncGroup, {
    ...member,
    generationId: generationId + 1,
    assignments: [],
  });
  await session.ask('groups: sync of nobody', syncGroup, { ...member, memberId: 'nobody', assignments: [] });
  await session.ask('groups: sync with another protocol', syncGroup, {
    ...member,
    protocolType: 'consumer',
    protocolName: 'sticky',
    assignments: [],
  });
  await session.askInAll('groups: sync', syncGroup, {
    ...member,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: [{ memberId, assignment: Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) }],
  });
  await session.askInAll('groups: heartbeat', heartbeat, member);
  await session.ask('groups: heartbeat of another generation', heartbeat, {
    ...member,
    generationId: generationId + 1,
  });
  await session.ask('groups: heartbeat of nobody', heartbeat, { ...member, memberId: 'nobody' });
  await session.ask('groups: heartbeat of a group that is not there', heartbeat, {
    ...member,
    groupId: session.name('none'),
  });
  await session.askInAll('groups: describe', describeGroups, { groups: [groupId] });
  const commit = (what: string, rest: object) =>
    session.ask(
      `groups: commit ${what}`,
      offsetCommit,
      {
        groupId,
        memberId,
        generationIdOrMemberEpoch: generationId,
        topics: [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset: 5 }] }],
        ...rest,
      },
      { version: 9 },
    );
  await commit('of a member', {});
  await commit('of another generation', { generationIdOrMemberEpoch: generationId + 1 });
  await commit('of nobody', { memberId: 'nobody' });
  await commit('from outside', { memberId: '', generationIdOrMemberEpoch: -1 });
  await session.ask('groups: delete one with members', deleteGroups, { groupsNames: [groupId] });
  await session.ask('groups: delete offsets of a topic that is read', offsetDelete, {
    groupId,
    topics: [{ name: topic, partitions: [{ partitionIndex: 0 }] }],
  });
  await ask('join with another type', { protocolType: 'connect' });
  await ask('join with no protocol in common', { protocols: [{ name: 'other', metadata }] });
  await session.ask('groups: leave as nobody', leaveGroup, { groupId, members: [{ memberId: 'nobody' }] });
  await session.ask('groups: leave a group that is not there', leaveGroup, {
    groupId: session.name('none'),
    members: [{ memberId }],
  });
  await session.askInAll('groups: leave', leaveGroup, { groupId, memberId, members: [{ memberId }] });
  await session.ask('groups: describe one that was left', describeGroups, { groups: [groupId] });
  await statics(session, join);
  await listing(session, groupId);
}

/** KIP-345. */
async function statics(
  session: Session,
  join: {
    groupId: string;
    protocols: { name: string; metadata: Buffer }[];
    protocolType: string;
    sessionTimeoutMs: number;
    memberId: string;
  },
): Promise<void> {
  const own = { ...join, groupId: session.name('static'), groupInstanceId: 'one' };
  const first = await session.ask('groups: join as an instance', joinGroup, own);
  const { memberId, generationId } = first!;
  const member = { groupId: own.groupId, memberId, generationId, groupInstanceId: 'one' };
  await session.ask('groups: sync as an instance', syncGroup, {
    ...member,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: [{ memberId, assignment: Buffer.from([1]) }],
  });
  const before = await session.ask('groups: join as the instance again, before KIP-814', joinGroup, own, {
    version: 8,
  });
  session.keep('groups: generation before KIP-814', joinGroup, 8, { generationId: before!.generationId });
  const again = await session.ask('groups: join as the instance again', joinGroup, own);
  await session.ask('groups: heartbeat of the instance that was replaced', heartbeat, member);
  await session.ask('groups: sync of the instance that was replaced', syncGroup, {
    ...member,
    assignments: [],
  });
  await session.ask('groups: describe one with an instance', describeGroups, { groups: [own.groupId] });
  await session.ask('groups: join as the instance again, with other topics', joinGroup, {
    ...own,
    protocols: own.protocols.map(({ name }) => ({ name, metadata: subscription('other') })),
  });
  await session.ask('groups: describe the one with other topics', describeGroups, { groups: [own.groupId] });
  await session.ask('groups: leave as the instance that was replaced', leaveGroup, {
    groupId: own.groupId,
    members: [{ memberId, groupInstanceId: 'one' }],
  });
  await session.ask('groups: leave as an unknown instance', leaveGroup, {
    groupId: own.groupId,
    members: [{ memberId: '', groupInstanceId: 'two' }],
  });
  await session.ask('groups: leave by instance alone', leaveGroup, {
    groupId: own.groupId,
    members: [{ memberId: '', groupInstanceId: 'one' }],
  });
  session.keep('groups: generation of the instance', joinGroup, 9, { generationId: again!.generationId });
}

async function listing(session: Session, groupId: string): Promise<void> {
  await session.askInAll('groups: list', listGroups, {});
  await session.ask('groups: list by state', listGroups, { statesFilter: ['Empty'], typesFilter: [] });
  await session.ask('groups: list by state, in lower case', listGroups, {
    statesFilter: ['empty'],
    typesFilter: [],
  });
  await session.ask('groups: list by type', listGroups, { statesFilter: [], typesFilter: ['classic'] });
  await session.ask('groups: list by an unknown type', listGroups, {
    statesFilter: [],
    typesFilter: ['nonsense'],
  });
  await session.ask('groups: list by an unknown state', listGroups, {
    statesFilter: ['Nonsense'],
    typesFilter: [],
  });
  await session.askInAll('groups: delete one that is not there', deleteGroups, {
    groupsNames: [session.name('none')],
  });
  await session.ask('groups: delete', deleteGroups, { groupsNames: [groupId, session.name('simple')] });
  await session.askInAll('groups: delete one without a name', deleteGroups, { groupsNames: [''] });
  await session.ask('groups: describe one that was deleted', describeGroups, { groups: [groupId] });
}

/** What a consumer says of itself when it joins. */
export const subscription = (topic: string): Buffer => writeSubscription([topic], null);
