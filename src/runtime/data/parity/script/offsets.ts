import { describeGroups, offsetCommit, offsetDelete, offsetFetch } from '../../../protocol/index.ts';
import type { Session } from '../session.ts';

/** Offsets that are committed without a member. */
export async function committing(session: Session, name: string, topicId: string): Promise<void> {
  const groupId = session.name('simple');
  const commit = (what: string, partition: object, rest: object = {}) =>
    session.ask(`commit: ${what}`, offsetCommit, {
      groupId,
      topics: [{ name, topicId, partitions: [{ partitionIndex: 0, committedOffset: 1, ...partition }] }],
      ...rest,
    });
  const partitions = (version: number) => [
    { partitionIndex: 0, committedOffset: version, committedMetadata: 'note' },
    { partitionIndex: 1, committedOffset: 7, committedMetadata: null },
  ];
  await session.askInAll('commit: of a group without members', offsetCommit, (version) => ({
    groupId,
    topics: [{ name, topicId, partitions: partitions(version) }],
  }));
  await commit('with a leader epoch', { committedLeaderEpoch: 3 });
  await commit('below 0', { committedOffset: -5 });
  await commit('too long a note', { committedMetadata: 'x'.repeat(5_000) });
  await commit('of an unknown partition', { partitionIndex: 9 });
  await commit('of a member that is not there', {}, { memberId: 'nobody', generationIdOrMemberEpoch: 3 });
  await commit('of a generation without a member', {}, { generationIdOrMemberEpoch: 3 });
  await commit('of a group without a name', {}, { groupId: '' });
  await session.ask('commit: of nothing', offsetCommit, { groupId, topics: [] });
  await session.ask(
    'commit: of an unknown topic by id',
    offsetCommit,
    {
      groupId,
      topics: [
        {
          name: '',
          topicId: '11111111-2222-3333-4444-555555555555',
          partitions: [{ partitionIndex: 0, committedOffset: 1 }],
        },
      ],
    },
    { patient: false },
  );
  await session.ask(
    'commit: of an unknown topic by name',
    offsetCommit,
    {
      groupId,
      topics: [
        { name: session.name('unknown'), topicId, partitions: [{ partitionIndex: 0, committedOffset: 1 }] },
      ],
    },
    {
      version: session
        .versions(offsetCommit)
        .filter((version) => version < 10)
        .at(-1),
      patient: false,
    },
  );

  const topics = [{ name, topicId, partitionIndexes: [0, 1, 2, 9] }];
  const read = (what: string, group: string, asked: typeof topics | null, rest: object = {}) =>
    session.askInAll(`committed: ${what}`, offsetFetch, (version) => ({
      groupId: group,
      topics: version < 2 ? topics : asked,
      groups: [{ groupId: group, topics: asked, ...rest }],
    }));
  await read('of partitions', groupId, topics);
  await read('all', groupId, null);
  await read('of a group that is not there', session.name('none'), topics);
  await read('all of a group that is not there', session.name('none'), null);
  await read('for a member that is not there', groupId, topics, { memberId: 'nobody', memberEpoch: 3 });
  await session.ask('committed: of two groups', offsetFetch, {
    groups: [
      { groupId, topics: null },
      { groupId: session.name('none'), topics: null },
    ],
    requireStable: true,
  });
  await session.ask(
    'committed: of an unknown id',
    offsetFetch,
    {
      groups: [
        { groupId, topics: [{ topicId: '11111111-2222-3333-4444-555555555555', partitionIndexes: [0] }] },
      ],
    },
    { patient: false },
  );

  const forget = (what: string, group: string, partitionIndex: number, topic = name) =>
    session.ask(`committed: delete ${what}`, offsetDelete, {
      groupId: group,
      topics: [{ name: topic, partitions: [{ partitionIndex }] }],
    });
  await forget('one', groupId, 0);
  await forget('one that is not there', groupId, 2);
  await forget('one of an unknown topic', groupId, 0, session.name('unknown'));
  await forget('one of an unknown group', session.name('none'), 0);
  await read('after a deletion', groupId, topics);
  await session.askInAll('groups: describe one without members', describeGroups, {
    groups: [groupId, session.name('none')],
    includeAuthorizedOperations: true,
  });
  await session.ask('groups: describe one without a name', describeGroups, { groups: [''] });
  await read('of a group without a name', '', topics);
  await forget('one of a group without a name', '', 0);
}
