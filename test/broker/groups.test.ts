import { expect, test } from 'vitest';
import {
  createTopics,
  deleteGroups,
  describeGroups,
  heartbeat,
  joinGroup,
  kafkaErrorName,
  leaveGroup,
  listGroups,
  offsetCommit,
  offsetDelete,
  offsetFetch,
  type RequestInput,
  syncGroup,
  writeSubscription,
} from '../../src/runtime/protocol/index.ts';
import { startBroker } from '../support/broker.ts';
import { RawClient } from '../support/raw-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const bytes = (text: string) => Buffer.from(text);

type Join = Partial<RequestInput<typeof joinGroup>>;
const joining = (more: Join = {}): RequestInput<typeof joinGroup> => ({
  groupId: 'g',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 5000,
  memberId: '',
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: bytes('subscription') }],
  ...more,
});

/** Joins as a new member: with version 4 and up that takes two requests. */
async function join(client: RawClient, more: Join = {}, version = 5) {
  const first = await client.ask(joinGroup, version, joining(more));
  if (kafkaErrorName(first.errorCode) !== 'MEMBER_ID_REQUIRED') return first;
  expect(first.memberId).not.toBe('');
  return client.ask(joinGroup, version, joining({ ...more, memberId: first.memberId }));
}

const sync = (
  client: RawClient,
  memberId: string,
  generationId: number,
  assignments: [string, string][] = [],
) =>
  client.ask(syncGroup, 3, {
    groupId: 'g',
    generationId,
    memberId,
    assignments: assignments.map(([id, assignment]) => ({ memberId: id, assignment: bytes(assignment) })),
  });

const beat = async (client: RawClient, memberId: string, generationId: number) =>
  kafkaErrorName((await client.ask(heartbeat, 3, { groupId: 'g', memberId, generationId })).errorCode);

const stateOf = async (client: RawClient) =>
  (await client.ask(describeGroups, 4, { groups: ['g'], includeAuthorizedOperations: false })).groups[0]!
    .groupState;

const topic = (name: string, numPartitions = 2) => ({
  topics: [{ name, numPartitions, replicationFactor: 1 }],
  validateOnly: false,
});

const commit = async (
  client: RawClient,
  more: Partial<RequestInput<typeof offsetCommit>> = {},
  committedMetadata = 'note',
) => {
  const answer = await client.ask(offsetCommit, 7, {
    groupId: 'g',
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 7, committedMetadata }] }],
    ...more,
  });
  return kafkaErrorName(answer.topics[0]!.partitions[0]!.errorCode);
};

const committed = async (client: RawClient) => {
  const topics = [{ name: 't', partitionIndexes: [0, 1] }];
  const answer = await client.ask(offsetFetch, 5, { groupId: 'g', topics, groups: [] });
  return answer.topics[0]!.partitions.map(({ committedOffset, metadata }) => [committedOffset, metadata]);
};

test('two members join, the leader assigns, a heartbeat tells of a rebalance', async () => {
  await using running = await startBroker();
  const port = running.broker.ports.local!;
  await using one = await RawClient.connect(port);
  await using two = await RawClient.connect(port);
  const [a, b] = await Promise.all([join(one), join(two)]);
  expect([a.generationId, b.generationId]).toEqual([1, 1]);
  expect(a.leader).toBe(b.leader);
  const [leader, follower, leads, follows] = a.leader === a.memberId ? [a, b, one, two] : [b, a, two, one];
  expect(leader.members.map(({ memberId }) => memberId).sort()).toEqual([a.memberId, b.memberId].sort());
  expect(follower.members).toEqual([]);
  const waiting = sync(follows, follower.memberId, 1);
  const own = await sync(leads, leader.memberId, 1, [
    [leader.memberId, 'mine'],
    [follower.memberId, 'yours'],
  ]);
  expect(own.assignment.toString()).toBe('mine');
  expect((await waiting).assignment.toString()).toBe('yours');
  expect(await beat(one, a.memberId, 1)).toBe('NONE');
  expect(await beat(one, a.memberId, 9)).toBe('ILLEGAL_GENERATION');
  expect(await beat(one, 'stranger', 1)).toBe('UNKNOWN_MEMBER_ID');

  const left = await one.ask(leaveGroup, 3, {
    groupId: 'g',
    memberId: '',
    members: [{ memberId: a.memberId }],
  });
  expect(left.members[0]!.errorCode).toBe(0);
  expect(await beat(two, b.memberId, 1)).toBe('REBALANCE_IN_PROGRESS');
  const again = await two.ask(joinGroup, 5, joining({ memberId: b.memberId }));
  expect(again).toMatchObject({ errorCode: 0, generationId: 2, leader: b.memberId });
});

test('a member that vanishes is out after its session, one that waits is not', async () => {
  await using running = await startBroker();
  const port = running.broker.ports.local!;
  await using watcher = await RawClient.connect(port);
  const client = await RawClient.connect(port);
  const member = await join(client, { sessionTimeoutMs: 1000 });
  await sync(client, member.memberId, 1, [[member.memberId, 'all']]);
  expect(await stateOf(watcher)).toBe('Stable');
  await client[Symbol.asyncDispose]();
  await expect.poll(() => stateOf(watcher), { timeout: 5000, interval: 50 }).toBe('Empty');
});

test('joins are refused as Kafka refuses them', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  const refused = async (more: Join) =>
    kafkaErrorName((await client.ask(joinGroup, 5, joining(more))).errorCode);
  expect(await refused({ groupId: '' })).toBe('INVALID_GROUP_ID');
  expect(await refused({ sessionTimeoutMs: 1 })).toBe('INVALID_SESSION_TIMEOUT');
  expect(await refused({ memberId: 'stranger' })).toBe('UNKNOWN_MEMBER_ID');
  expect(await refused({ protocols: [] })).toBe('INCONSISTENT_GROUP_PROTOCOL');
  await join(client);
  expect(await refused({ protocolType: 'connect' })).toBe('INCONSISTENT_GROUP_PROTOCOL');
  expect(await refused({ protocols: [{ name: 'other', metadata: bytes('') }] })).toBe(
    'INCONSISTENT_GROUP_PROTOCOL',
  );
});

test('many members that join, leave and rejoin at once all end in one generation', async () => {
  await using running = await startBroker();
  const port = running.broker.ports.local!;
  const clients = await Promise.all(Array.from({ length: 8 }, () => RawClient.connect(port)));
  try {
    const members = await Promise.all(clients.map((client) => join(client)));
    expect(new Set(members.map(({ generationId }) => generationId)).size).toBe(1);
    // All rejoin in a rebalance that the last one's leaving starts; nobody may be told that it is unknown.
    const leaver = members[7]!.memberId;
    await clients[7]!.ask(leaveGroup, 3, { groupId: 'g', memberId: '', members: [{ memberId: leaver }] });
    const again = await Promise.all(
      clients
        .slice(0, 7)
        .map((client, i) => client.ask(joinGroup, 5, joining({ memberId: members[i]!.memberId }))),
    );
    expect(again.map(({ errorCode }) => kafkaErrorName(errorCode))).toEqual(Array(7).fill('NONE'));
    expect(new Set(again.map(({ generationId }) => generationId)).size).toBe(1);
  } finally {
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  }
});

test('a static member that restarts takes its place back without a rebalance; its old self is fenced', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  const first = await join(client, { groupInstanceId: 'pod-0' });
  await sync(client, first.memberId, 1, [[first.memberId, 'kept']]);
  const second = await client.ask(joinGroup, 5, joining({ groupInstanceId: 'pod-0' }));
  expect(second).toMatchObject({ errorCode: 0, generationId: 1 });
  expect(second.memberId).not.toBe(first.memberId);
  expect((await sync(client, second.memberId, 1)).assignment.toString()).toBe('kept');
  const old = await client.ask(heartbeat, 3, {
    groupId: 'g',
    generationId: 1,
    memberId: first.memberId,
    groupInstanceId: 'pod-0',
  });
  expect(kafkaErrorName(old.errorCode)).toBe('FENCED_INSTANCE_ID');
});

test('offsets are kept with their metadata, and checked', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  await client.ask(createTopics, 3, topic('t'));
  expect(await committed(client)).toEqual([
    [-1, ''],
    [-1, ''],
  ]);
  expect(await commit(client)).toBe('NONE');
  expect(await committed(client)).toEqual([
    [7, 'note'],
    [-1, ''],
  ]);
  expect(await commit(client, {}, 'x'.repeat(5000))).toBe('OFFSET_METADATA_TOO_LARGE');
  expect(
    await commit(client, {
      topics: [{ name: 'none', partitions: [{ partitionIndex: 0, committedOffset: 1 }] }],
    }),
  ).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  expect(await commit(client, { generationIdOrMemberEpoch: 3, memberId: 'stranger' })).toBe(
    'UNKNOWN_MEMBER_ID',
  );
  const member = await join(client);
  expect(await commit(client)).toBe('UNKNOWN_MEMBER_ID');
  expect(await commit(client, { generationIdOrMemberEpoch: 9, memberId: member.memberId })).toBe(
    'ILLEGAL_GENERATION',
  );
  expect(await commit(client, { generationIdOrMemberEpoch: 1, memberId: member.memberId })).toBe(
    'REBALANCE_IN_PROGRESS',
  );
  await sync(client, member.memberId, 1, []);
  expect(await commit(client, { generationIdOrMemberEpoch: 1, memberId: member.memberId })).toBe('NONE');

  const all = await client.ask(offsetFetch, 8, {
    groupId: '',
    topics: null,
    groups: [{ groupId: 'g', topics: null }],
  });
  expect(all.groups[0]!.topics).toMatchObject([
    { name: 't', partitions: [{ partitionIndex: 0, committedOffset: 7 }] },
  ]);
  await client.ask(leaveGroup, 1, { groupId: 'g', memberId: member.memberId });
  const wanted = { groupId: 'g', topics: [{ name: 't', partitions: [{ partitionIndex: 0 }] }] };
  expect((await client.ask(offsetDelete, 0, wanted)).errorCode).toBe(0);
  expect(await committed(client)).toEqual([
    [-1, ''],
    [-1, ''],
  ]);
  const deleted = await client.ask(deleteGroups, 1, { groupsNames: ['g', 'none'] });
  expect(deleted.results.map(({ errorCode }) => kafkaErrorName(errorCode))).toEqual([
    'NONE',
    'GROUP_ID_NOT_FOUND',
  ]);
});

test('a broker that restarts finds groups, members and offsets again', async () => {
  const dataDir = temporaryDirectory();
  let memberId = '';
  {
    await using running = await startBroker({ dataDir });
    await using client = await RawClient.connect(running.broker.ports.local!);
    await client.ask(createTopics, 3, topic('t'));
    const member = await join(client);
    memberId = member.memberId;
    await sync(client, memberId, 1, [[memberId, 'all']]);
    expect(await commit(client, { generationIdOrMemberEpoch: 1, memberId })).toBe('NONE');
  }
  await using running = await startBroker({ dataDir });
  await using client = await RawClient.connect(running.broker.ports.local!);
  expect(await committed(client)).toEqual([
    [7, 'note'],
    [-1, ''],
  ]);
  expect(await beat(client, memberId, 1)).toBe('NONE');
  expect((await sync(client, memberId, 1)).assignment.toString()).toBe('all');
});

test('offsets and groups that nobody came back for expire', async () => {
  let now = Date.now();
  const clock = { now: () => now, monotonic: () => performance.now(), sleep: async () => undefined };
  const config = { 'offsets.retention.minutes': '10', 'offsets.retention.check.interval.ms': '20' };
  await using running = await startBroker({ clock, config });
  await using client = await RawClient.connect(running.broker.ports.local!);
  await client.ask(createTopics, 3, topic('t'));
  await commit(client);
  now += 6 * 60_000;
  await commit(client, { groupId: 'later' });
  now += 5 * 60_000;
  await expect.poll(() => stateOf(client), { timeout: 3000 }).toBe('Dead');
  expect(await committed(client)).toEqual([
    [-1, ''],
    [-1, ''],
  ]);
  const wanted = { groupId: 'later', topics: null, groups: [] };
  expect((await client.ask(offsetFetch, 5, wanted)).topics).toHaveLength(1);
});

test('a group with members keeps offsets of what they read; one without members and offsets goes at once', async () => {
  let now = Date.now();
  const clock = { now: () => now, monotonic: () => performance.now(), sleep: async () => undefined };
  const config = { 'offsets.retention.minutes': '10', 'offsets.retention.check.interval.ms': '20' };
  await using running = await startBroker({ clock, config });
  await using client = await RawClient.connect(running.broker.ports.local!);
  for (const name of ['t', 'u']) await client.ask(createTopics, 3, topic(name));
  const protocols = [{ name: 'range', metadata: writeSubscription(['t'], null) }];
  const { memberId, generationId } = await join(client, { protocols, sessionTimeoutMs: 60_000 });
  await sync(client, memberId, generationId, [[memberId, 'all']]);
  const partitions = [{ partitionIndex: 0, committedOffset: 7, committedMetadata: 'note' }];
  const member = { memberId, generationIdOrMemberEpoch: generationId };
  const topics = ['t', 'u'].map((name) => ({ name, partitions }));
  expect(await commit(client, { ...member, topics })).toBe('NONE');
  const kept = async () => {
    const answer = await client.ask(offsetFetch, 5, { groupId: 'g', topics: null, groups: [] });
    return answer.topics.map(({ name }) => name);
  };
  expect(await kept()).toEqual(['t', 'u']);
  now += 11 * 60_000;
  await expect.poll(kept, { timeout: 3000 }).toEqual(['t']);
  await client.ask(offsetDelete, 0, {
    groupId: 'g',
    topics: [{ name: 't', partitions: [{ partitionIndex: 0 }] }],
  });
  expect(await kept()).toEqual(['t']);

  const other = await join(client, { groupId: 'bare' });
  await client.ask(leaveGroup, 3, { groupId: 'bare', members: [{ memberId: other.memberId }] });
  const groups = async () => (await client.ask(listGroups, 4, {})).groups.map(({ groupId }) => groupId);
  await expect.poll(groups, { timeout: 3000 }).toEqual(['g']);
});
