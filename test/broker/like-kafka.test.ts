import { expect, test } from 'vitest';
import {
  apiVersions,
  consumerGroupHeartbeat,
  createTopics,
  describeCluster,
  describeConfigs,
  incrementalAlterConfigs,
  kafkaErrorName,
  listOffsets,
  RESOURCE_TOPIC,
  syncGroup,
} from '../../src/runtime/protocol/index.ts';
import { startBroker } from '../support/broker.ts';
import { RawClient } from '../support/raw-client.ts';
import { RawTransactions } from '../support/transactional.ts';

// What dds parity found to be otherwise than in Apache Kafka 4.4.
async function started() {
  const running = await startBroker();
  const client = await RawClient.connect(running.broker.ports.local!);
  const create = (name: string) =>
    client.ask(createTopics, 7, { topics: [{ name, numPartitions: 1, replicationFactor: 1 }] });
  expect((await create('t')).topics[0]!.errorCode).toBe(0);
  const dispose = async () => {
    await client[Symbol.asyncDispose]();
    await running[Symbol.asyncDispose]();
  };
  return { client, create, [Symbol.asyncDispose]: dispose };
}

test('an epoch to come cannot write into an open transaction', async () => {
  await using lab = await started();
  const one = new RawTransactions(lab.client, 'one', true);
  expect(await one.init()).toBe('NONE');
  expect(await one.produce('t', 0, 'a')).toBe('NONE');
  const early = new RawTransactions(lab.client, 'one', true);
  early.producerId = one.producerId;
  early.epoch = one.epoch + 1;
  expect(await early.produce('t', 0, 'b')).toBe('INVALID_PRODUCER_EPOCH');
  expect(await one.end(true)).toBe('NONE');
});

test('a client whose name is no name is told no versions', async () => {
  await using lab = await started();
  const ask = (clientSoftwareName: string) =>
    lab.client.ask(apiVersions, 4, { clientSoftwareName, clientSoftwareVersion: '1' });
  expect(await ask('a b')).toMatchObject({ errorCode: 42, apiKeys: [] });
  expect((await ask('a-b')).apiKeys.find(({ apiKey }) => apiKey === 19)).toMatchObject({ minVersion: 2 });
});

test('of two names that differ in dots and underscores alone only one is taken', async () => {
  await using lab = await started();
  expect((await lab.create('a.b')).topics[0]!.errorCode).toBe(0);
  const { errorCode, configs } = (await lab.create('a_b')).topics[0]!;
  expect([kafkaErrorName(errorCode), configs]).toEqual(['INVALID_TOPIC_EXCEPTION', []]);
});

test('special times have the versions from which on they can be asked for', async () => {
  await using lab = await started();
  const ask = async (version: number, timestamp: number) => {
    const topics = [{ name: 't', partitions: [{ partitionIndex: 0, timestamp }] }];
    return kafkaErrorName(
      (await lab.client.ask(listOffsets, version, { topics })).topics[0]!.partitions[0]!.errorCode,
    );
  };
  expect([await ask(6, -3), await ask(7, -3)]).toEqual(['UNSUPPORTED_VERSION', 'NONE']);
  expect([await ask(7, -4), await ask(8, -4)]).toEqual(['UNSUPPORTED_VERSION', 'NONE']);
  expect(await ask(11, -7)).toBe('UNSUPPORTED_VERSION');
});

test('who asks is told that everything is allowed', async () => {
  await using lab = await started();
  const told = await lab.client.ask(describeCluster, 1, { includeClusterAuthorizedOperations: true });
  const untold = await lab.client.ask(describeCluster, 1, { includeClusterAuthorizedOperations: false });
  expect([told.clusterAuthorizedOperations, untold.clusterAuthorizedOperations]).toEqual([8096, -2147483648]);
});

test('a config without a value, or in a request twice, is no request', async () => {
  await using lab = await started();
  const ask = async (...values: (string | null)[]) => {
    const configs = values.map((value) => ({ name: 'retention.ms', configOperation: 0, value }));
    const body = {
      resources: [{ resourceType: RESOURCE_TOPIC, resourceName: 't', configs }],
      validateOnly: false,
    };
    return kafkaErrorName((await lab.client.ask(incrementalAlterConfigs, 1, body)).responses[0]!.errorCode);
  };
  expect([await ask(null), await ask('1', '2'), await ask('1')]).toEqual([
    'INVALID_REQUEST',
    'INVALID_REQUEST',
    'NONE',
  ]);
});

test('an empty list of configs asks for all', async () => {
  await using lab = await started();
  const resources = [{ resourceType: RESOURCE_TOPIC, resourceName: 't', configurationKeys: [] }];
  const [answer] = (await lab.client.ask(describeConfigs, 4, { resources })).results;
  expect(answer!.configs.length).toBeGreaterThan(20);
});

test('members of the consumer protocol name themselves; a sync names its protocol', async () => {
  await using lab = await started();
  const heartbeat = {
    groupId: 'g',
    memberId: '',
    memberEpoch: 0,
    rebalanceTimeoutMs: 1000,
    subscribedTopicNames: ['t'],
  };
  const beat = await lab.client.ask(consumerGroupHeartbeat, 1, { ...heartbeat, topicPartitions: [] });
  expect(kafkaErrorName(beat.errorCode)).toBe('INVALID_REQUEST');
  const sync = await lab.client.ask(syncGroup, 5, {
    groupId: 'g',
    generationId: 1,
    memberId: 'm',
    assignments: [],
  });
  expect(kafkaErrorName(sync.errorCode)).toBe('INCONSISTENT_GROUP_PROTOCOL');
});
