import { expect, test } from 'vitest';
import { createKafka } from '../../../src/runtime/kafka/index.ts';
import { startBroker } from '../../support/broker.ts';

async function connected() {
  const cluster = await startBroker();
  const kafka = createKafka({ brokers: cluster.brokers, clientId: 'test' });
  return {
    cluster,
    kafka,
    admin: kafka.admin(),
    async [Symbol.asyncDispose]() {
      await kafka.close();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

test('topics are created with their configs, described, grown and deleted', async () => {
  await using run = await connected();
  const { admin } = run;
  const spec = { name: 'a', partitions: 3, configs: { 'cleanup.policy': 'compact' } };
  expect(await admin.createTopics([spec])).toEqual(['a']);
  expect(await admin.createTopics([spec, { name: 'b', partitions: 1 }])).toEqual(['b']);
  const [description] = await admin.describeTopics(['a']);
  expect(description).toMatchObject({ name: 'a', internal: false });
  expect(description!.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(description!.partitions).toEqual(
    [0, 1, 2].map((partition) => ({ partition, leader: 1, replicas: [1], isr: [1] })),
  );
  expect(await admin.topicConfigs('a')).toEqual({ 'cleanup.policy': 'compact' });
  await admin.alterTopicConfigs('a', { 'segment.bytes': '1048576' });
  expect(await admin.topicConfigs('a')).toEqual({ 'cleanup.policy': 'compact', 'segment.bytes': '1048576' });
  await admin.createPartitions('b', 4);
  expect((await admin.describeTopics(['b']))[0]!.partitions).toHaveLength(4);
  await admin.deleteTopics(['b']);
  expect((await admin.listTopics()).map(({ name }) => name)).toEqual(['a']);
});

test('what is wrong is told with the name of it', async () => {
  await using run = await connected();
  const { admin } = run;
  await expect(admin.describeTopics(['no'])).rejects.toMatchObject({ code: 'DDS_UNKNOWN_TOPIC' });
  expect(await admin.listTopics()).toEqual([]);
  await expect(admin.deleteTopics(['no'])).rejects.toMatchObject({ code: 'DDS_UNKNOWN_TOPIC' });
  await expect(admin.createTopics([{ name: 'bad name', partitions: 1 }])).rejects.toMatchObject({
    code: 'DDS_USAGE',
    details: { kafka: 'INVALID_TOPIC_EXCEPTION' },
  });
  await admin.createTopics([{ name: 'a', partitions: 1 }]);
  await expect(admin.alterTopicConfigs('a', { 'segment.bytes': 'many' })).rejects.toMatchObject({
    code: 'DDS_KAFKA',
    message: expect.stringContaining('segment.bytes'),
  });
});

test('offsets by place and time; a group without members commits', async () => {
  await using run = await connected();
  const { admin, kafka } = run;
  await admin.createTopics([{ name: 't', partitions: 2 }]);
  const producer = kafka.producer();
  await producer.start();
  for (let i = 0; i < 10; i++) producer.append('t', 1, null, Buffer.from('x'), 1000 + i * 100, null, i);
  await producer.flush();
  const both = [
    { topic: 't', partition: 1 },
    { topic: 't', partition: 0 },
  ];
  expect(await admin.offsets(both, 'latest')).toEqual([10, 0]);
  expect(await admin.offsets(both, 'earliest')).toEqual([0, 0]);
  expect(await admin.offsets(both, 1350)).toEqual([4, -1]);
  expect(await admin.committed('g', both)).toEqual([-1, -1]);
  await admin.commit('g', [{ topic: 't', partition: 1, offset: 7 }]);
  expect(await admin.committed('g', both)).toEqual([7, -1]);
  await expect(admin.offsets([{ topic: 'no', partition: 0 }], 'latest')).rejects.toMatchObject({
    code: 'DDS_UNKNOWN_TOPIC',
  });
  expect(await admin.brokers()).toMatchObject([{ nodeId: 1, host: '127.0.0.1' }]);
});
