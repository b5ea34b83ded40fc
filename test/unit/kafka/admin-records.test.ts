import { expect, test } from 'vitest';
import { createKafka } from '../../../src/runtime/kafka/index.ts';
import { startBroker } from '../../support/broker.ts';

async function connected() {
  const cluster = await startBroker();
  const kafka = createKafka({ brokers: cluster.brokers, clientId: 'test' });
  return {
    kafka,
    admin: kafka.admin(),
    async [Symbol.asyncDispose]() {
      await kafka.close();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

test('configs tell who set them, and one value is taken away without touching another', async () => {
  await using run = await connected();
  const { admin } = run;
  await admin.createTopics([{ name: 't', partitions: 1, configs: { 'retention.ms': '1000' } }]);
  await admin.alterTopicConfigs('t', { 'segment.bytes': '1048576' });
  const sources = async () => {
    const [entries = []] = await admin.describeConfigs(
      ['t'],
      ['retention.ms', 'segment.bytes', 'retention.bytes'],
    );
    return Object.fromEntries(entries.map(({ name, value, source }) => [name, [value, source]]));
  };
  expect(await sources()).toEqual({
    'retention.ms': ['1000', 'topic'],
    'segment.bytes': ['1048576', 'topic'],
    'retention.bytes': ['-1', 'default'],
  });
  await admin.alterTopicConfigs('t', { 'segment.bytes': null, 'retention.ms': '7' }, { validateOnly: true });
  expect(await sources()).toMatchObject({ 'retention.ms': ['1000', 'topic'] });
  await admin.alterTopicConfigs('t', { 'segment.bytes': null });
  expect(await sources()).toMatchObject({
    'retention.ms': ['1000', 'topic'],
    'segment.bytes': [expect.any(String), 'default'],
  });
  expect((await admin.describeConfigs(['t']))[0]!.length).toBeGreaterThan(10);
});

test('a topic that is only validated is not made', async () => {
  await using run = await connected();
  const { admin } = run;
  await admin.createTopics([{ name: 't', partitions: 1 }], { validateOnly: true });
  expect(await admin.listTopics()).toEqual([]);
  const bad = { name: 't', partitions: 1, configs: { 'retention.ms': 'soon' } };
  await expect(admin.createTopics([bad], { validateOnly: true })).rejects.toMatchObject({
    message: expect.stringContaining('retention.ms'),
    details: { kafka: 'INVALID_CONFIG' },
  });
});

test('records are removed up to an offset or all, and sizes are told', async () => {
  await using run = await connected();
  const { admin, kafka } = run;
  await admin.createTopics([
    { name: 't', partitions: 2 },
    { name: 'compacted', partitions: 1, configs: { 'cleanup.policy': 'compact' } },
  ]);
  const producer = kafka.producer();
  await producer.start();
  for (let i = 0; i < 10; i++) producer.append('t', i % 2, null, Buffer.from('x'), Date.now(), null, i);
  await producer.flush();
  const sizes = await admin.partitionSizes(['t']);
  expect(sizes.map(({ topic, partition }) => `${topic}/${partition}`)).toEqual(['t/0', 't/1']);
  for (const { bytes } of sizes) expect(bytes).toBeGreaterThan(50);
  expect((await admin.partitionSizes()).map(({ topic }) => topic)).toContain('compacted');

  const [one, two] = [
    { topic: 't', partition: 1, offset: 3 },
    { topic: 't', partition: 0, offset: -1 },
  ];
  expect(await admin.deleteRecords([one, two])).toEqual([3, 5]);
  expect(await admin.offsets([one, two], 'earliest')).toEqual([3, 5]);
  expect(await admin.offsets([one, two], 'latest')).toEqual([5, 5]);
  await expect(admin.deleteRecords([{ ...one, offset: 99 }])).rejects.toMatchObject({
    code: 'DDS_KAFKA',
    details: { kafka: 'OFFSET_OUT_OF_RANGE' },
  });
  await expect(admin.deleteRecords([{ topic: 'no', partition: 0, offset: 0 }])).rejects.toMatchObject({
    code: 'DDS_UNKNOWN_TOPIC',
  });
  await expect(admin.deleteRecords([{ topic: 'compacted', partition: 0, offset: 0 }])).rejects.toMatchObject({
    details: { kafka: 'POLICY_VIOLATION' },
  });
});
