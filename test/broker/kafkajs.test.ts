import { ConfigResourceTypes, type Consumer, Kafka, logLevel, Partitioners } from 'kafkajs';
import { expect, test } from 'vitest';
import { startBroker } from '../support/broker.ts';

const client = (brokers: string[]) =>
  new Kafka({
    brokers,
    clientId: 'test',
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 20, retries: 5 },
  });

const until = <T>(start: (resolve: (value: T) => void) => void) =>
  new Promise<T>((resolve) => start(resolve));

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms);
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

test('produces, idempotently too, and consumes in a group that commits', async () => {
  await using running = await startBroker();
  const kafka = client(running.brokers);
  const admin = kafka.admin();
  await admin.connect();
  expect(await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 3 }] })).toBe(true);
  const values = Array.from({ length: 30 }, (_, i) => `value-${i}`);
  for (const [idempotent, half] of [
    [false, values.slice(0, 15)],
    [true, values.slice(15)],
  ] as const) {
    const producer = kafka.producer({ idempotent, createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({
      topic: 'orders',
      messages: half.map((value) => ({ key: value, value, headers: { h: 'x' } })),
    });
    await producer.disconnect();
  }
  const consumer = kafka.consumer({ groupId: 'shop', maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topic: 'orders', fromBeginning: true });
  const seen: string[] = [];
  await within(
    10_000,
    until<void>((done) => {
      void consumer.run({
        eachMessage: async ({ message }) => {
          expect(message.headers!.h!.toString()).toBe('x');
          seen.push(message.value!.toString());
          if (seen.length === values.length) done();
        },
      });
    }),
  );
  await consumer.stop();
  await consumer.disconnect();
  expect(seen.sort()).toEqual(values.sort());
  const [committed] = await admin.fetchOffsets({ groupId: 'shop', topics: ['orders'] });
  const total = committed!.partitions.reduce((sum, { offset }) => sum + Number(offset), 0);
  expect(total).toBe(30);
  await admin.disconnect();
});

test('members that come and go share the partitions', async () => {
  await using running = await startBroker();
  const kafka = client(running.brokers);
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 't', numPartitions: 4 }] });
  const partitionsOf = (consumer: Consumer, count: number) =>
    until<void>((done) => {
      const off = consumer.on('consumer.group_join', ({ payload }) => {
        if ((payload.memberAssignment.t?.length ?? 0) !== count) return;
        off();
        done();
      });
    });
  const join = async (expected: number) => {
    const consumer = kafka.consumer({
      groupId: 'g',
      heartbeatInterval: 100,
      rebalanceTimeout: 3000,
      maxWaitTimeInMs: 50,
    });
    await consumer.connect();
    await consumer.subscribe({ topic: 't' });
    const joined = partitionsOf(consumer, expected);
    await consumer.run({ eachMessage: async () => undefined });
    return { consumer, joined };
  };
  const first = await join(4);
  await within(5000, first.joined);
  const firstHalf = partitionsOf(first.consumer, 2);
  const second = await join(2);
  await within(10_000, Promise.all([firstHalf, second.joined]));
  const described = await admin.describeGroups(['g']);
  expect(described.groups[0]).toMatchObject({ state: 'Stable', protocolType: 'consumer' });
  expect(described.groups[0]!.members).toHaveLength(2);
  const firstAll = partitionsOf(first.consumer, 4);
  await second.consumer.disconnect();
  await within(10_000, firstAll);
  await expect(admin.deleteGroups(['g'])).rejects.toThrow();
  await first.consumer.disconnect();
  await admin.deleteGroups(['g']);
  expect((await admin.listGroups()).groups).toEqual([]);
  await admin.disconnect();
});

test('every admin call of kafkajs that the broker has', async () => {
  await using running = await startBroker({ config: { 'num.partitions': '2' } });
  const kafka = client(running.brokers);
  const admin = kafka.admin();
  await admin.connect();
  const created = { topic: 'a', numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '12345' }] };
  expect(await admin.createTopics({ topics: [created] })).toBe(true);
  expect(await admin.createTopics({ topics: [created] })).toBe(false);
  await expect(admin.createTopics({ topics: [{ topic: 'b', replicationFactor: 3 }] })).rejects.toThrow();
  await expect(admin.createTopics({ topics: [{ topic: 'not/a/name' }] })).rejects.toThrow();
  const badConfig = [{ name: 'retention.ms', value: 'soon' }];
  await expect(admin.createTopics({ topics: [{ topic: 'c', configEntries: badConfig }] })).rejects.toThrow();
  expect(await admin.listTopics()).toEqual(['a']);
  await admin.createPartitions({ topicPartitions: [{ topic: 'a', count: 5 }] });
  await expect(admin.createPartitions({ topicPartitions: [{ topic: 'a', count: 3 }] })).rejects.toThrow();
  const { topics } = await admin.fetchTopicMetadata({ topics: ['a'] });
  expect(topics[0]!.partitions.map(({ partitionId }) => partitionId).sort()).toEqual([0, 1, 2, 3, 4]);

  const cluster = await admin.describeCluster();
  expect(cluster).toMatchObject({ controller: 1, brokers: [{ nodeId: 1, host: '127.0.0.1' }] });

  const resource = { type: ConfigResourceTypes.TOPIC, name: 'a' };
  const configs = async () => {
    const described = await admin.describeConfigs({ includeSynonyms: true, resources: [resource] });
    return new Map(described.resources[0]!.configEntries.map((entry) => [entry.configName, entry]));
  };
  expect((await configs()).get('retention.ms')).toMatchObject({ configValue: '12345', configSource: 1 });
  expect((await configs()).get('retention.ms')!.configSynonyms).toHaveLength(2);
  expect((await configs()).get('cleanup.policy')).toMatchObject({ configValue: 'delete', configSource: 5 });
  const configEntries = [{ name: 'max.message.bytes', value: '2000' }];
  await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
  expect((await configs()).get('max.message.bytes')).toMatchObject({ configValue: '2000', configSource: 1 });
  // AlterConfigs replaces: what was not named is the default again.
  expect((await configs()).get('retention.ms')).toMatchObject({ configValue: '604800000', configSource: 5 });

  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const times = [1000, 2000, 3000];
  await producer.send({
    topic: 'a',
    messages: times.map((time) => ({ value: 'x', partition: 0, timestamp: String(time) })),
  });
  const [head] = (await admin.fetchTopicOffsets('a')).filter(({ partition }) => partition === 0);
  expect(head).toMatchObject({ offset: '3', high: '3', low: '0' });
  const byTime = async (time: number) =>
    (await admin.fetchTopicOffsetsByTimestamp('a', time)).find(({ partition }) => partition === 0)!.offset;
  expect(await byTime(1500)).toBe('1');
  expect(await byTime(2000)).toBe('1');
  await admin.deleteTopicRecords({ topic: 'a', partitions: [{ partition: 0, offset: '2' }] });
  const [after] = (await admin.fetchTopicOffsets('a')).filter(({ partition }) => partition === 0);
  expect(after).toMatchObject({ high: '3', low: '2' });

  const committed = [{ partition: 0, offset: '2', metadata: 'note' }];
  await admin.setOffsets({ groupId: 'g', topic: 'a', partitions: committed });
  const [offsets] = await admin.fetchOffsets({ groupId: 'g', topics: ['a'] });
  expect(offsets!.partitions.find(({ partition }) => partition === 0)).toMatchObject({ offset: '2' });
  expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).toEqual(['g']);
  await admin.deleteGroups(['g']);
  await admin.deleteTopics({ topics: ['a'] });
  expect(await admin.listTopics()).toEqual(['__consumer_offsets']);
  await expect(admin.deleteTopics({ topics: ['a'] })).rejects.toThrow();
  await producer.disconnect();
  await admin.disconnect();
});
