import { Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import {
  consumerGroupDescribe,
  consumerGroupHeartbeat,
  createTopics,
  deleteGroups,
  describeGroups,
  joinGroup,
  kafkaErrorName,
  listGroups,
  listTransactions,
  offsetCommit,
  offsetFetch,
  type RequestInput,
} from '../../src/runtime/protocol/index.ts';
import { startBroker } from '../support/broker.ts';
import { eventually } from '../support/lab.ts';
import { RawClient } from '../support/raw-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { RawTransactions } from '../support/transactional.ts';

const portOf = ({ brokers }: { brokers: string[] }) => Number(brokers[0]!.split(':')[1]);

async function createTopic(client: RawClient, name: string, numPartitions: number): Promise<void> {
  const topics = [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }];
  const answer = await client.ask(createTopics, 5, { topics, timeoutMs: 5000, validateOnly: false });
  expect(kafkaErrorName(answer.topics[0]!.errorCode)).toBe('NONE');
}

/** A member that heartbeats when the test says so. */
class TestMember {
  readonly #client: RawClient;
  readonly id: string;
  epoch = 0;
  /** Numbers of the partitions it was told it may read; one topic, so that is enough. */
  partitions: number[] = [];
  topicId = '';

  constructor(client: RawClient, id: string) {
    this.#client = client;
    this.id = id;
  }

  async beat(more: Partial<RequestInput<typeof consumerGroupHeartbeat>> = {}): Promise<string> {
    const isJoining = (more.memberEpoch ?? this.epoch) === 0;
    const answer = await this.#client.ask(consumerGroupHeartbeat, 1, {
      groupId: 'g',
      memberId: this.id,
      memberEpoch: this.epoch,
      ...(isJoining && { rebalanceTimeoutMs: 60_000, subscribedTopicNames: ['t'], topicPartitions: [] }),
      ...more,
    });
    const error = kafkaErrorName(answer.errorCode);
    if (error !== 'NONE') return error;
    this.epoch = answer.memberEpoch;
    if (answer.assignment) {
      const [topic] = answer.assignment.topicPartitions;
      this.partitions = [...(topic?.partitions ?? [])];
      this.topicId = topic?.topicId ?? this.topicId;
    }
    return error;
  }

  /** Tells the coordinator what it still has. */
  owns(partitions: number[]): Promise<string> {
    return this.beat({
      topicPartitions: partitions.length > 0 ? [{ topicId: this.topicId, partitions }] : [],
    });
  }
}

const describeGroup = async (client: RawClient) =>
  (await client.ask(consumerGroupDescribe, 1, { groupIds: ['g'], includeAuthorizedOperations: false }))
    .groups[0]!;

test('a second member gets a partition only after the first has given it back', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(portOf(running));
  await createTopic(client, 't', 4);
  const [a, b] = [new TestMember(client, 'a'), new TestMember(client, 'b')];
  expect(await a.beat()).toBe('NONE');
  expect([a.epoch, a.partitions]).toEqual([2, [0, 1, 2, 3]]);

  expect(await b.beat()).toBe('NONE');
  expect([b.epoch, b.partitions]).toEqual([3, []]);
  expect((await describeGroup(client)).groupState).toBe('Reconciling');

  await a.beat();
  expect(a.epoch).toBe(2);
  const kept = a.partitions;
  expect(kept).toHaveLength(2);
  await b.beat();
  expect(b.partitions).toEqual([]);

  await a.owns(kept);
  expect(a.epoch).toBe(3);
  await b.beat();
  expect([...kept, ...b.partitions].sort()).toEqual([0, 1, 2, 3]);
  const described = await describeGroup(client);
  expect(described).toMatchObject({ groupState: 'Stable', groupEpoch: 3, assignorName: 'uniform' });
  expect(described.members.map(({ memberEpoch }) => memberEpoch)).toEqual([3, 3]);

  await b.beat({ memberEpoch: -1 });
  await a.owns(kept);
  expect(a.partitions).toEqual([0, 1, 2, 3]);
});

test('members are fenced by their epochs, and a lost answer is not held against them', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(portOf(running));
  await createTopic(client, 't', 2);
  const [a, b] = [new TestMember(client, 'a'), new TestMember(client, 'b')];
  expect(await a.beat({ memberEpoch: 5 })).toBe('GROUP_ID_NOT_FOUND');
  await a.beat();
  expect(await b.beat({ memberEpoch: 1 })).toBe('UNKNOWN_MEMBER_ID');
  expect(await a.beat({ memberEpoch: 9 })).toBe('FENCED_MEMBER_EPOCH');
  expect(await a.beat({ subscribedTopicNames: ['t', 'u'] })).toBe('NONE');
  expect(a.epoch).toBe(3);
  const old = { memberEpoch: 2, topicPartitions: [{ topicId: a.topicId, partitions: [0] }] };
  expect(await a.beat(old)).toBe('NONE');
  expect(await a.beat({ memberEpoch: 2 })).toBe('FENCED_MEMBER_EPOCH');

  const commit = async (memberId: string, generationIdOrMemberEpoch: number) => {
    const partitions = [{ partitionIndex: 0, committedOffset: 7, committedMetadata: '' }];
    const body = { groupId: 'g', memberId, generationIdOrMemberEpoch, topics: [{ name: 't', partitions }] };
    const answer = await client.ask(offsetCommit, 9, body);
    return kafkaErrorName(answer.topics[0]!.partitions[0]!.errorCode);
  };
  expect(await commit('a', 3)).toBe('NONE');
  expect(await commit('a', 2)).toBe('STALE_MEMBER_EPOCH');
  expect(await commit('x', 3)).toBe('UNKNOWN_MEMBER_ID');
  const fetched = async (memberId: string | null, memberEpoch: number) => {
    const groups = [{ groupId: 'g', memberId, memberEpoch, topics: null }];
    const [group] = (await client.ask(offsetFetch, 9, { groups, requireStable: true })).groups;
    return [kafkaErrorName(group!.errorCode), group!.topics[0]?.partitions[0]?.committedOffset];
  };
  expect(await fetched('a', 3)).toEqual(['NONE', 7]);
  expect(await fetched('a', 2)).toEqual(['STALE_MEMBER_EPOCH', undefined]);
  expect(await fetched(null, -1)).toEqual(['NONE', 7]);
});

test('a static member that leaves for a while finds its partitions again', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(portOf(running));
  await createTopic(client, 't', 2);
  const first = new TestMember(client, 'a-1');
  await first.beat({ instanceId: 'a' });
  const other = new TestMember(client, 'a-2');
  expect(await other.beat({ instanceId: 'a' })).toBe('UNRELEASED_INSTANCE_ID');
  await first.beat({ instanceId: 'a', memberEpoch: -2 });
  expect(await other.beat({ instanceId: 'a' })).toBe('NONE');
  expect(other.partitions).toEqual([0, 1]);
  expect((await describeGroup(client)).members.map(({ memberId }) => memberId)).toEqual(['a-2']);
});

test('what is no valid heartbeat is refused with the reason', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(portOf(running));
  await createTopic(client, 't', 1);
  const member = new TestMember(client, 'a');
  expect(await member.beat({ groupId: '' })).toBe('INVALID_REQUEST');
  expect(await member.beat({ rebalanceTimeoutMs: -1 })).toBe('INVALID_REQUEST');
  expect(await member.beat({ subscribedTopicNames: null })).toBe('INVALID_REQUEST');
  expect(await member.beat({ topicPartitions: null })).toBe('INVALID_REQUEST');
  expect(await member.beat({ serverAssignor: 'best' })).toBe('UNSUPPORTED_ASSIGNOR');
  expect(await member.beat({ subscribedTopicNames: null, subscribedTopicRegex: '(' })).toBe(
    'INVALID_REGULAR_EXPRESSION',
  );
  expect(await member.beat({ subscribedTopicNames: null, subscribedTopicRegex: 't|u.*' })).toBe('NONE');
  expect(member.partitions).toEqual([0]);
  await createTopic(client, 'u1', 1);
  await member.beat();
  expect(
    (await describeGroup(client)).members[0]!.assignment.topicPartitions.map((t) => t.topicName).sort(),
  ).toEqual(['t', 'u1']);
});

test('the two protocols share the names of groups: the one with members keeps the other out', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(portOf(running));
  await createTopic(client, 't', 1);
  const member = new TestMember(client, 'a');
  await member.beat();
  const protocols = [{ name: 'range', metadata: Buffer.from('s') }];
  const join = { groupId: 'g', sessionTimeoutMs: 6000, memberId: '', protocolType: 'consumer', protocols };
  const joined = await client.ask(joinGroup, 3, { ...join, rebalanceTimeoutMs: 6000 });
  expect(kafkaErrorName(joined.errorCode)).toBe('INCONSISTENT_GROUP_PROTOCOL');
  const [listed] = (await client.ask(listGroups, 5, { statesFilter: [], typesFilter: ['consumer'] })).groups;
  expect(listed).toMatchObject({ groupId: 'g', groupType: 'consumer', groupState: 'Stable' });
  const [classic] = (await client.ask(describeGroups, 6, { groups: ['g'] })).groups;
  expect(kafkaErrorName(classic!.errorCode)).toBe('GROUP_ID_NOT_FOUND');
  const remove = async () =>
    kafkaErrorName((await client.ask(deleteGroups, 2, { groupsNames: ['g'] })).results[0]!.errorCode);
  expect(await remove()).toBe('NON_EMPTY_GROUP');
  await member.beat({ memberEpoch: -1 });
  const again = await client.ask(joinGroup, 3, { ...join, rebalanceTimeoutMs: 6000 });
  expect(kafkaErrorName(again.errorCode)).toBe('NONE');
  const other = new TestMember(client, 'b');
  expect(await other.beat()).toBe('GROUP_ID_NOT_FOUND');
});

test("an expression is RE2's, as in Kafka: no client can hold the broker up with one", async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(portOf(running));
  await createTopic(client, `${'a'.repeat(40)}-`, 1);
  await createTopic(client, 'Temperature', 1);
  const member = new TestMember(client, 'a');
  const subscribed = { subscribedTopicNames: null };
  expect(await member.beat({ ...subscribed, subscribedTopicRegex: '(a+)+' })).toBe('NONE');
  expect(member.partitions).toEqual([]);
  expect(await member.beat({ subscribedTopicRegex: '(?i)temp.*' })).toBe('NONE');
  expect(member.partitions).toEqual([0]);
  expect(await member.beat({ subscribedTopicRegex: 'a)|(b' })).toBe('INVALID_REGULAR_EXPRESSION');
  const filters = { stateFilters: [], producerIdFilters: [], durationFilter: -1 };
  const producer = new RawTransactions(client, `${'a'.repeat(40)}-`, true);
  await producer.init();
  const listed = async (transactionalIdPattern: string) =>
    (await client.ask(listTransactions, 2, { ...filters, transactionalIdPattern })).transactionStates.length;
  expect(await listed('(a+)+')).toBe(0);
  expect(await listed('(a+)+-')).toBe(1);
});

test('a request that is refused takes nothing from a group of the other protocol', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(portOf(running));
  await createTopic(client, 't', 1);
  const types = async () => {
    const { groups } = await client.ask(listGroups, 5, { statesFilter: [], typesFilter: [] });
    return groups.map(({ groupType }) => groupType);
  };
  const partitions = [{ partitionIndex: 0, committedOffset: 7 }];
  const offsets = {
    groupId: 'g',
    generationIdOrMemberEpoch: -1,
    memberId: '',
    topics: [{ name: 't', partitions }],
  };
  await client.ask(offsetCommit, 6, offsets);
  const member = new TestMember(client, 'a');
  expect(await member.beat({ subscribedTopicNames: null })).toBe('INVALID_REQUEST');
  expect(await types()).toEqual(['classic']);
  expect(await member.beat()).toBe('NONE');
  await member.beat({ memberEpoch: -1 });
  const protocols = [{ name: 'range', metadata: Buffer.from('s') }];
  const join = { groupId: 'g', sessionTimeoutMs: 6000, memberId: 'x', protocolType: 'consumer', protocols };
  const joined = await client.ask(joinGroup, 3, { ...join, rebalanceTimeoutMs: 6000 });
  expect(kafkaErrorName(joined.errorCode)).toBe('UNKNOWN_MEMBER_ID');
  expect(await types()).toEqual(['consumer']);
});

test('a broker that is started again knows members, epochs and what everybody has', async () => {
  const dataDir = temporaryDirectory();
  const options = { dataDir };
  const before: TestMember[] = [];
  let described: Awaited<ReturnType<typeof describeGroup>>;
  {
    await using running = await startBroker(options);
    await using client = await RawClient.connect(portOf(running));
    await createTopic(client, 't', 3);
    for (const id of ['a', 'b']) {
      const member = new TestMember(client, id);
      await member.beat();
      before.push(member);
    }
    await before[0]!.beat();
    await before[0]!.owns(before[0]!.partitions);
    await before[1]!.beat();
    described = await describeGroup(client);
  }
  await using running = await startBroker(options);
  await using client = await RawClient.connect(portOf(running));
  expect(await describeGroup(client)).toEqual({ ...described, assignorName: '' });
  const [a] = before.map(({ id, epoch }) => Object.assign(new TestMember(client, id), { epoch }));
  expect(await a!.beat()).toBe('NONE');
});

test('@platformatic/kafka reads with the consumer protocol: members come and go, no record is left out', async () => {
  await using running = await startBroker({ config: { 'group.consumer.heartbeat.interval.ms': '50' } });
  await using client = await RawClient.connect(portOf(running));
  await createTopic(client, 't', 4);
  const common = { clientId: 'test', bootstrapBrokers: running.brokers };
  const producer = new Producer({ ...common, serializers: stringSerializers });
  const seen = new Map<string, number>();
  const open = async () => {
    const consumer = new Consumer({
      ...common,
      groupId: 'g',
      groupProtocol: 'consumer',
      deserializers: stringDeserializers,
      maxWaitTime: 50,
    });
    const stream = await consumer.consume({
      topics: ['t'],
      mode: 'committed',
      fallbackMode: 'earliest',
      autocommit: false,
    });
    stream.on('data', (message) => {
      seen.set(message.value, (seen.get(message.value) ?? 0) + 1);
      // Refused while the epoch moves on; the records then come once more.
      void Promise.resolve(message.commit()).catch(() => undefined);
    });
    return consumer;
  };
  const send = (from: number, to: number) =>
    producer.send({
      messages: Array.from({ length: to - from }, (_, i) => ({
        topic: 't',
        key: `${i}`,
        value: `${from + i}`,
      })),
    });
  try {
    await send(0, 100);
    const first = await open();
    await eventually('the first hundred', () => seen.size === 100);
    const second = await open();
    await eventually('two members', async () => {
      const { groupState, members } = await describeGroup(client);
      return (
        groupState === 'Stable' &&
        members.length === 2 &&
        members.every((m) => m.assignment.topicPartitions[0]?.partitions.length === 2)
      );
    });
    await send(100, 200);
    await eventually('the second hundred', () => seen.size === 200);
    await first.close(true);
    await send(200, 300);
    await eventually('the third hundred', () => seen.size === 300);
    await second.close(true);
  } finally {
    await producer.close();
  }
  expect(seen.size).toBe(300);
});
