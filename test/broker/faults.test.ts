import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { handlers } from '../../src/runtime/broker/handlers/index.ts';
import type { FaultAction, FaultRule } from '../../src/runtime/broker/index.ts';
import {
  createTopics,
  findCoordinator,
  heartbeat,
  kafkaErrorName,
  listOffsets,
  metadata,
  offsetFetch,
  produce,
} from '../../src/runtime/protocol/index.ts';
import { type RunningBroker, startBroker } from '../support/broker.ts';
import { batchOf, RawClient } from '../support/raw-client.ts';

const portOf = ({ brokers }: RunningBroker) => Number(brokers[0]!.split(':')[1]);
const error = (name: string): FaultAction => ({ kind: 'error', error: name }) as FaultAction;

async function withTopic(running: RunningBroker): Promise<RawClient> {
  const client = await RawClient.connect(portOf(running));
  const topics = [{ name: 't', numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }];
  await client.ask(createTopics, 5, { topics, timeoutMs: 5000, validateOnly: false });
  return client;
}

const produced = async (client: RawClient, partition = 0) =>
  kafkaErrorName((await client.produce('t', partition, batchOf([{}]))).errorCode);

test('a rule hits by topic, partition, client, count and number of the request', async () => {
  await using running = await startBroker();
  await using client = await withTopic(running);
  const { faults } = running.broker;
  const action = error('NOT_LEADER_OR_FOLLOWER');
  const outcomes = async (rule: Omit<FaultRule, 'action'>, partitions: number[]) => {
    faults.add({ api: 'produce', action, ...rule });
    const errors: string[] = [];
    for (const partition of partitions) errors.push(await produced(client, partition));
    faults.clear();
    return errors.map((name) => name === 'NOT_LEADER_OR_FOLLOWER');
  };
  expect(await outcomes({ partition: 1 }, [0, 1, 0])).toEqual([false, true, false]);
  expect(await outcomes({ nth: 2 }, [0, 0, 0])).toEqual([false, true, false]);
  expect(await outcomes({ times: 2 }, [0, 0, 0])).toEqual([true, true, false]);
  expect(await outcomes({ topic: 'u*' }, [0])).toEqual([false]);
  expect(await outcomes({ topic: '/^t$/', client: 'raw' }, [0])).toEqual([true]);
  expect(await outcomes({ client: 'other-*' }, [0])).toEqual([false]);
  const many = Array.from({ length: 200 }, () => 0);
  const first = await outcomes({ probability: 0.3, seed: 7 }, many);
  expect(first).toEqual(await outcomes({ probability: 0.3, seed: 7 }, many));
  expect(first.filter(Boolean).length).toBeGreaterThan(30);
  expect(first.filter(Boolean).length).toBeLessThan(90);
});

test('an error is where the API has it, and nothing of the request is done', async () => {
  await using running = await startBroker();
  await using client = await withTopic(running);
  const { faults } = running.broker;
  const action = error('COORDINATOR_NOT_AVAILABLE');
  for (const api of ['ListOffsets', 'Metadata', 'FindCoordinator', 'OffsetFetch', 'Heartbeat', 'Fetch'])
    faults.add({ api, action });
  const code = 15;
  const offsets = [{ name: 't', partitions: [{ partitionIndex: 1, timestamp: -1, currentLeaderEpoch: -1 }] }];
  const listed = await client.ask(listOffsets, 5, { replicaId: -1, isolationLevel: 0, topics: offsets });
  expect(listed.topics).toMatchObject([{ name: 't', partitions: [{ partitionIndex: 1, errorCode: code }] }]);
  const described = await client.ask(metadata, 6, { topics: [{ name: 't' }], allowAutoTopicCreation: false });
  expect(described.topics).toMatchObject([{ name: 't', errorCode: code, partitions: [] }]);
  expect(await client.ask(findCoordinator, 2, { key: 'g', keyType: 0 })).toMatchObject({ errorCode: code });
  expect(await client.ask(findCoordinator, 4, { keyType: 0, coordinatorKeys: ['g'] })).toMatchObject({
    coordinators: [{ key: 'g', errorCode: code }],
  });
  const groups = [{ groupId: 'g', topics: [{ name: 't', partitionIndexes: [0] }] }];
  expect((await client.ask(offsetFetch, 8, { groups, requireStable: false })).groups).toMatchObject([
    { groupId: 'g', errorCode: code },
  ]);
  expect(await client.ask(heartbeat, 3, { groupId: 'g', generationId: 1, memberId: 'm' })).toMatchObject({
    errorCode: code,
  });
  const fetched = await client.fetch('t', 1, 0);
  expect(fetched).toMatchObject({ partitionIndex: 1, errorCode: code });
  faults.clear();
  faults.add({ api: 'Produce', action: error('NOT_ENOUGH_REPLICAS') });
  expect(await produced(client)).toBe('NOT_ENOUGH_REPLICAS');
  faults.clear();
  expect((await client.fetch('t', 0, 0)).highWatermark).toBe(0);
});

test('a dropped answer leaves what was done, a dropped request leaves nothing', async () => {
  await using running = await startBroker();
  await using client = await withTopic(running);
  const { faults } = running.broker;
  for (const [when, records] of [
    ['request', 0],
    ['answer', 1],
  ] as const) {
    faults.add({ api: 'Produce', times: 1, action: { kind: 'drop', when } });
    await using cut = await RawClient.connect(portOf(running));
    await expect(cut.produce('t', 0, batchOf([{}]))).rejects.toThrow('closed');
    expect((await client.fetch('t', 0, 0)).highWatermark).toBe(records);
  }
  expect(faults.list().map(({ hits }) => hits)).toEqual([1, 1]);
});

test('a delay holds back the answer', async () => {
  await using running = await startBroker();
  await using client = await withTopic(running);
  running.broker.faults.add({ api: 'Produce', action: { kind: 'delay', ms: 150 } });
  const began = performance.now();
  expect(await produced(client)).toBe('NONE');
  expect(performance.now() - began).toBeGreaterThanOrEqual(149);
});

test('a rule that cannot be is refused with the reason', async () => {
  await using running = await startBroker();
  const { faults } = running.broker;
  expect(() => faults.add({ api: 'Nonsense', action: { kind: 'delay', ms: 1 } })).toThrow('does not serve');
  expect(() => faults.add({ api: 'Produce', action: error('NO_SUCH') })).toThrow(
    'NO_SUCH is not a Kafka error',
  );
  expect(() => faults.add({ action: error('NOT_CONTROLLER') })).toThrow('needs an API');
  expect(faults.list()).toEqual([]);
});

test('kafkajs gets over a lost answer and a leader that moved, and nothing is doubled', async () => {
  await using running = await startBroker();
  await using client = await withTopic(running);
  const { faults } = running.broker;
  faults.add({ api: 'Produce', nth: 1, action: { kind: 'drop', when: 'answer' } });
  faults.add({ api: 'Produce', nth: 3, action: error('NOT_LEADER_OR_FOLLOWER') });
  const kafka = new Kafka({
    clientId: 'k',
    brokers: running.brokers,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 20 },
  });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  try {
    for (let i = 0; i < 5; i++)
      await producer.send({ topic: 't', messages: [{ partition: 0, value: `${i}` }] });
  } finally {
    await producer.disconnect();
  }
  expect(faults.list().map(({ hits }) => hits)).toEqual([1, 1]);
  expect((await client.fetch('t', 0, 0)).highWatermark).toBe(5);
});

test('an error for who wants no answer ends the connection; one for nobody named lets the request through', async () => {
  await using running = await startBroker();
  await using client = await withTopic(running);
  running.broker.faults.add({ api: 'Produce', action: error('NOT_LEADER_OR_FOLLOWER') });
  expect(await client.ask(produce, 7, { acks: -1, timeoutMs: 1, topicData: [] })).toMatchObject({
    responses: [],
  });
  const topicData = [{ name: 't', partitionData: [{ index: 0, records: batchOf([{}]) }] }];
  await expect(client.frame(produce, 7, { acks: 0, timeoutMs: 1, topicData })).rejects.toThrow('closed');
});

test('every API that is served can answer with an error', async () => {
  await using running = await startBroker();
  for (const { api } of handlers) {
    const rule: FaultRule = { api: api.name, action: error('REQUEST_TIMED_OUT') };
    expect(running.broker.faults.add(rule).api).toBe(api.name);
  }
});
