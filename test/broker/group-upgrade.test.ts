import { Consumer, stringDeserializers } from '@platformatic/kafka';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { expect, test } from 'vitest';
import {
  consumerGroupDescribe,
  consumerGroupHeartbeat,
  createTopics,
  describeGroups,
  heartbeat,
  joinGroup,
  kafkaErrorName,
  leaveGroup,
  listGroups,
  offsetCommit,
  readAssignment,
  syncGroup,
  writeAssignment,
  writeSubscription,
} from '../../src/runtime/protocol/index.ts';
import { startBroker } from '../support/broker.ts';
import { eventually } from '../support/lab.ts';
import { RawClient } from '../support/raw-client.ts';
import { servedTopic } from '../support/served-topic.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PARTITIONS = 4;

/** A member of the classic protocol that joins again whenever it is told to. */
class ClassicMember {
  readonly #client: RawClient;
  readonly #rest: { groupInstanceId?: string; sessionTimeoutMs?: number; rebalanceTimeoutMs?: number };
  id = '';
  generation = -1;
  partitions: number[] = [];

  constructor(client: RawClient, rest = {}) {
    this.#client = client;
    this.#rest = rest;
  }

  get #who() {
    const { groupInstanceId = null } = this.#rest;
    return { groupId: 'g', memberId: this.id, generationId: this.generation, groupInstanceId };
  }

  /** `userData`: of the assignments that it gives as a leader; null to join alone, without a sync. */
  async join(userData: Buffer | null = Buffer.alloc(0)): Promise<string> {
    const answer = await this.#client.ask(joinGroup, 7, {
      ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'consumer' },
      ...{ ...this.#who, ...this.#rest },
      protocols: [{ name: 'range', metadata: writeSubscription(['t'], null) }],
    });
    this.id = answer.memberId || this.id;
    const error = kafkaErrorName(answer.errorCode);
    if (error === 'MEMBER_ID_REQUIRED') return this.join(userData);
    if (error !== 'NONE') return error;
    this.generation = answer.generationId;
    if (userData === null) return error;
    const all = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: 't', partition }));
    const isLeader = answer.leader === this.id;
    return this.sync(isLeader ? [{ memberId: this.id, assignment: writeAssignment(all, userData) }] : []);
  }

  async sync(assignments: { memberId: string; assignment: Buffer }[] = []): Promise<string> {
    const answer = await this.#client.ask(syncGroup, 5, {
      ...{ ...this.#who, protocolType: 'consumer', protocolName: 'range', assignments },
    });
    if (answer.errorCode === 0)
      this.partitions = readAssignment(answer.assignment).partitions.map(({ partition }) => partition);
    return kafkaErrorName(answer.errorCode);
  }

  async beat(): Promise<string> {
    return kafkaErrorName((await this.#client.ask(heartbeat, 4, this.#who)).errorCode);
  }

  async commit(generationIdOrMemberEpoch = this.generation): Promise<string> {
    const partitions = [{ partitionIndex: 0, committedOffset: 1 }];
    const topics = [{ name: 't', partitions }];
    const body = { groupId: 'g', memberId: this.id, generationIdOrMemberEpoch, topics };
    const [topic] = (await this.#client.ask(offsetCommit, 9, body)).topics;
    return kafkaErrorName(topic!.partitions[0]!.errorCode);
  }

  async leave(): Promise<void> {
    const members = [{ memberId: this.id }];
    expect((await this.#client.ask(leaveGroup, 4, { groupId: 'g', members })).members[0]!.errorCode).toBe(0);
  }
}

/** One heartbeat of the consumer protocol. */
async function beat(
  client: RawClient,
  memberEpoch: number,
  more: { memberId?: string; instanceId?: string } = {},
) {
  const isJoining = memberEpoch === 0;
  const answer = await client.ask(consumerGroupHeartbeat, 1, {
    ...{ groupId: 'g', memberId: 'new', memberEpoch, ...more },
    ...(isJoining && { rebalanceTimeoutMs: 10_000, subscribedTopicNames: ['t'], topicPartitions: [] }),
  });
  const partitions = answer.assignment?.topicPartitions.flatMap((topic) => topic.partitions) ?? null;
  return { error: kafkaErrorName(answer.errorCode), epoch: answer.memberEpoch, partitions };
}

const typeOf = async (client: RawClient) =>
  (await client.ask(listGroups, 5, {})).groups.map(
    ({ groupType, groupState }) => `${groupType} ${groupState}`,
  );

const started = (dataDir: string | null = null) => servedTopic({ dataDir }, PARTITIONS);

test('a classic group goes over to the consumer protocol with its members, over a restart, and back (KIP-848)', async () => {
  const dataDir = temporaryDirectory();
  let epoch: number;
  let old: ClassicMember;
  {
    await using lab = await started(dataDir);
    old = new ClassicMember(lab.client);
    expect([await old.join(), old.partitions]).toEqual(['NONE', [0, 1, 2, 3]]);
    const joined = await beat(lab.client, 0);
    expect(joined).toMatchObject({ error: 'NONE', epoch: old.generation + 1, partitions: [] });
    epoch = joined.epoch;
    expect(await typeOf(lab.client)).toEqual(['consumer Reconciling']);
    expect([await old.commit(), await old.commit(77)]).toEqual(['NONE', 'ILLEGAL_GENERATION']);
    expect(await old.beat()).toBe('REBALANCE_IN_PROGRESS');
  }
  await using lab = await started(dataDir);
  const { client } = lab;
  const again = Object.assign(new ClassicMember(client), { id: old.id, generation: old.generation });
  expect(await again.beat()).toBe('REBALANCE_IN_PROGRESS');
  expect([await again.join(), again.partitions.length]).toEqual(['NONE', 2]);
  expect(await again.beat()).toBe('NONE');
  const given = await beat(client, epoch);
  expect(given.partitions?.length).toBe(2);
  expect([...given.partitions!, ...again.partitions].sort()).toEqual([0, 1, 2, 3]);
  const ask = { groupIds: ['g'], includeAuthorizedOperations: false };
  const [described] = (await client.ask(consumerGroupDescribe, 1, ask)).groups;
  expect(described!.members.map(({ memberType }) => memberType)).toEqual([0, 1]);

  expect((await beat(client, -1)).error).toBe('NONE');
  expect(await typeOf(client)).toEqual(['classic PreparingRebalance']);
  expect([await again.join(), again.partitions]).toEqual(['NONE', [0, 1, 2, 3]]);
  const [classic] = (await client.ask(describeGroups, 5, { groups: ['g'] })).groups;
  expect(classic).toMatchObject({ groupState: 'Stable', protocolData: 'range' });
  expect(await again.commit()).toBe('NONE');
  await again.leave();
  expect(await typeOf(client)).toEqual(['classic Empty']);
});

test('what is on disk after the way back is the classic group alone', async () => {
  const dataDir = temporaryDirectory();
  let old: ClassicMember;
  {
    await using lab = await started(dataDir);
    old = new ClassicMember(lab.client);
    await old.join();
    await beat(lab.client, 0);
    expect((await beat(lab.client, -1)).error).toBe('NONE');
    expect(await old.join()).toBe('NONE');
  }
  await using lab = await started(dataDir);
  expect(await typeOf(lab.client)).toEqual(['classic Stable']);
  const { id, generation } = old;
  expect(await Object.assign(new ClassicMember(lab.client), { id, generation }).beat()).toBe('NONE');
});

test('a classic member that is told to join again, or has joined, and does not go on is out', async () => {
  await using lab = await started();
  const { client } = lab;
  const slow = new ClassicMember(client, { rebalanceTimeoutMs: 200 });
  await slow.join();
  const { epoch } = await beat(client, 0);
  expect(await slow.beat()).toBe('REBALANCE_IN_PROGRESS');
  const isOut = (member: ClassicMember) => async () => (await member.beat()) === 'UNKNOWN_MEMBER_ID';
  await eventually('out without a join', isOut(slow));
  const { partitions } = await beat(client, epoch);
  expect(partitions?.length).toBe(PARTITIONS);
  const silent = new ClassicMember(client, { rebalanceTimeoutMs: 200 });
  expect(await silent.join(null)).toBe('NONE');
  await eventually('out without a sync', isOut(silent));
});

test('an instance of the classic protocol is taken over by its successor of the other one, and back', async () => {
  await using lab = await started();
  const { client } = lab;
  const old = new ClassicMember(client, { groupInstanceId: 'one' });
  await old.join();
  const taken = await beat(client, 0, { instanceId: 'one' });
  // Nothing else has changed: no new epoch.
  expect(taken).toEqual({ error: 'NONE', epoch: old.generation, partitions: [0, 1, 2, 3] });
  expect(await old.beat()).toBe('FENCED_INSTANCE_ID');
  const back = new ClassicMember(client, { groupInstanceId: 'one' });
  expect([await back.join(), back.partitions]).toEqual(['NONE', [0, 1, 2, 3]]);
  expect(await typeOf(client)).toEqual(['classic Stable']);
});

test('what an assignor keeps in the assignments would get lost: such a group does not go over', async () => {
  await using lab = await started();
  const old = new ClassicMember(lab.client);
  await old.join(Buffer.from('mine'));
  expect((await beat(lab.client, 0)).error).toBe('GROUP_ID_NOT_FOUND');
  expect([await old.beat(), await typeOf(lab.client)]).toEqual(['NONE', ['classic Stable']]);
});

test('kafkajs and @platformatic/kafka share one group, each in its protocol, and every record is read', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  const topics = [{ name: 't', numPartitions: PARTITIONS, replicationFactor: 1 }];
  await client.ask(createTopics, 7, { topics });
  const kafka = new Kafka({ brokers: running.brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const old = kafka.consumer({ groupId: 'g', maxWaitTimeInMs: 50, heartbeatInterval: 200 });
  const seen = { old: new Set<string>(), new: new Set<string>() };
  const common = { bootstrapBrokers: running.brokers, clientId: 'new', groupId: 'g' };
  const consumer = new Consumer({
    ...{ ...common, groupProtocol: 'consumer', deserializers: stringDeserializers, maxWaitTime: 50 },
  });
  const send = async (from: number) => {
    const messages = Array.from({ length: 40 }, (_, i) => ({
      value: `${from + i}`,
      partition: i % PARTITIONS,
    }));
    await producer.send({ topic: 't', messages });
  };
  const areRead = (count: number) =>
    eventually(`${count} read`, () => new Set([...seen.old, ...seen.new]).size === count, 20_000);
  const isStable = (type: string) =>
    eventually(`a ${type} group`, async () => (await typeOf(client))[0] === `${type} Stable`, 20_000);
  try {
    await producer.connect();
    await old.connect();
    await old.subscribe({ topic: 't', fromBeginning: true });
    await old.run({
      eachMessage: async ({ message }) => void seen.old.add(message.value!.toString()),
    });
    await send(0);
    await areRead(40);
    const stream = await consumer.consume({ topics: ['t'], mode: 'committed', fallbackMode: 'earliest' });
    stream.on('data', ({ value }) => seen.new.add(value));
    await isStable('consumer');
    await send(1000);
    await areRead(80);
    const those = (who: Set<string>) => [...who].filter((value) => Number(value) >= 1000).length;
    expect([those(seen.old) > 0, those(seen.new) > 0]).toEqual([true, true]);
    await consumer.close(true);
    await isStable('classic');
    await send(2000);
    await areRead(120);
  } finally {
    await old.disconnect();
    await producer.disconnect();
    await consumer.close(true);
  }
}, 60_000);
