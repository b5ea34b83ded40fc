import { expect, test } from 'vitest';
import {
  apiVersions,
  consumerGroupHeartbeat,
  createPartitions,
  createTopics,
  deleteTopics,
  describeCluster,
  describeConfigs,
  describeTopicPartitions,
  incrementalAlterConfigs,
  kafkaErrorName,
  listOffsets,
  metadata,
  produce,
  RESOURCE_TOPIC,
  syncGroup,
  TRANSACTIONAL,
} from '../../src/runtime/protocol/index.ts';
import { batchOf } from '../support/raw-client.ts';
import { servedTopic } from '../support/served-topic.ts';
import { RawTransactions } from '../support/transactional.ts';

// What dds parity found to be otherwise than in Apache Kafka 4.4.
async function started() {
  const lab = await servedTopic();
  const create = (name: string) =>
    lab.client.ask(createTopics, 7, { topics: [{ name, numPartitions: 1, replicationFactor: 1 }] });
  return { ...lab, create };
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

test('a topic is deleted by its name or its id, once in a request', async () => {
  await using lab = await started();
  const nil = '00000000-0000-0000-0000-000000000000';
  const { topicId } = (await lab.create('u')).topics[0]!;
  const remove = async (...topics: { name: string | null; topicId: string }[]) =>
    (await lab.client.ask(deleteTopics, 6, { topics, topicNames: [], timeoutMs: 100 })).responses.map(
      ({ errorCode, errorMessage }) => [kafkaErrorName(errorCode), errorMessage !== null],
    );
  expect(await remove({ name: 'u', topicId })).toEqual([['INVALID_REQUEST', true]]);
  expect(await remove({ name: null, topicId: nil })).toEqual([['INVALID_REQUEST', true]]);
  expect(await remove({ name: 'u', topicId: nil }, { name: null, topicId })).toEqual([
    ['INVALID_REQUEST', true],
  ]);
  expect(await remove({ name: 'no', topicId: nil })).toEqual([['UNKNOWN_TOPIC_OR_PARTITION', true]]);
  expect(await remove({ name: null, topicId })).toEqual([['NONE', false]]);
});

test('which records of a batch are refused is told, and where the log starts (KIP-467)', async () => {
  await using lab = await started();
  const late = Date.now() + 7_200_000;
  const told = await lab.client.produce('t', 0, batchOf([{}, { timestamp: late }, {}, { timestamp: late }]));
  expect(kafkaErrorName(told.errorCode)).toBe('INVALID_TIMESTAMP');
  expect([told.logStartOffset, told.recordErrors.map(({ batchIndex }) => batchIndex)]).toEqual([0, [1, 3]]);
  const cut = await lab.client.produce('t', 0, batchOf([{}]).subarray(0, -1));
  expect([kafkaErrorName(cut.errorCode), cut.logStartOffset]).toEqual(['INVALID_RECORD', -1]);
});

test('configs that cannot be together are refused; a topic without a cleanup policy is not', async () => {
  await using lab = await started();
  const create = async (configs: Record<string, string>) => {
    const entries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    const topics = [
      {
        name: `c-${entries.length}-${entries[0]!.name}`,
        numPartitions: 1,
        replicationFactor: 1,
        configs: entries,
      },
    ];
    return kafkaErrorName((await lab.client.ask(createTopics, 7, { topics })).topics[0]!.errorCode);
  };
  expect(await create({ 'min.compaction.lag.ms': '9', 'max.compaction.lag.ms': '8' })).toBe('INVALID_CONFIG');
  expect(await create({ 'min.cleanable.dirty.ratio': '1.5' })).toBe('INVALID_CONFIG');
  expect(await create({ 'cleanup.policy': '' })).toBe('NONE');
});

test('partitions are grown once in a request; pages do not begin below 0', async () => {
  await using lab = await started();
  const topics = [2, 3].map((count) => ({ name: 't', count, assignments: null }));
  const grown = await lab.client.ask(createPartitions, 3, { topics, timeoutMs: 100, validateOnly: false });
  expect(grown.results.map(({ errorCode }) => kafkaErrorName(errorCode))).toEqual(['INVALID_REQUEST']);
  const cursor = { topicName: 't', partitionIndex: -1 };
  const page = await lab.client.ask(describeTopicPartitions, 0, { topics: [{ name: 't' }], cursor });
  expect(page.topics.map(({ errorCode }) => kafkaErrorName(errorCode))).toEqual(['INVALID_REQUEST']);
});

test('who comes to a partition for the first time begins with sequence 0 (KIP-890)', async () => {
  await using lab = await started();
  const writer = new RawTransactions(lab.client, 'late', true);
  expect(await writer.init()).toBe('NONE');
  const records = batchOf([{}], {
    ...{ producerId: writer.producerId, producerEpoch: writer.epoch, baseSequence: 4 },
    attributes: TRANSACTIONAL,
  });
  const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
  const body = { transactionalId: 'late', acks: -1, timeoutMs: 1000, topicData };
  const [topic] = (await lab.client.ask(produce, 12, body)).responses;
  expect(kafkaErrorName(topic!.partitionResponses[0]!.errorCode)).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
});

test('a topic of the broker itself is internal also before it is there', async () => {
  await using lab = await started();
  const names = ['__consumer_offsets', 'unknown'];
  const { topics } = await lab.client.ask(metadata, 12, {
    topics: names.map((name) => ({ name })),
    allowAutoTopicCreation: false,
  });
  expect(topics.map(({ errorCode, isInternal }) => [kafkaErrorName(errorCode), isInternal])).toEqual([
    ['UNKNOWN_TOPIC_OR_PARTITION', true],
    ['UNKNOWN_TOPIC_OR_PARTITION', false],
  ]);
});
