import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKafka, type Kafka } from '../../src/runtime/kafka/index.ts';
import { followGroup, numberedProducer, Seen, timesOfNumbers } from '../support/failover.ts';
import { type KafkaCluster, startKafka, withoutKafka } from '../support/kafka-containers.ts';
import { eventually } from '../support/lab.ts';

if (withoutKafka) process.stderr.write(`${withoutKafka}\n`);

const perSecond = 2000;
const partitions = 6;

describe.skipIf(withoutKafka !== null)('a cluster of three Kafka containers', () => {
  let cluster: KafkaCluster;
  let kafka: Kafka;
  beforeAll(async () => {
    cluster = await startKafka({ brokers: 3 });
    kafka = createKafka({ brokers: cluster.brokers, clientId: 'test' });
    await eventually('three brokers', async () => (await kafka.admin().brokers()).length === 3, 60_000);
  }, 600_000);
  afterAll(async () => {
    await kafka?.close();
    await cluster?.[Symbol.asyncDispose]();
  });

  test('a topic is known, with its own settings alone, from the moment that it is made', async () => {
    for (let round = 0; round < 10; round++) {
      const name = `new-${round}`;
      const admin = kafka.admin();
      expect(
        await admin.createTopics([{ name, partitions: 3, configs: { 'retention.ms': '1000' } }]),
      ).toEqual([name]);
      // Min-insync replicas and others are the brokers' own.
      expect(await admin.topicConfigs(name)).toEqual({ 'retention.ms': '1000' });
      await admin.createPartitions(name, 4);
      const producer = kafka.producer();
      await producer.start();
      expect(await producer.partitionCount(name)).toBe(4);
      producer.append(name, 3, null, Buffer.from('v'), Date.now(), null, 0);
      await producer.flush();
      await producer.close();
    }
  });

  test('killing one of three brokers under 2,000/s loses and doubles nothing that was acknowledged', async () => {
    const topic = 'readings';
    await kafka.admin().createTopics([{ name: topic, partitions }]);
    const producer = await numberedProducer(kafka, topic, { partitions, perSecond });
    const { acked } = producer;
    const stop = new AbortController();
    const delivered = new Seen();
    // Another client: its connections are its own.
    const reading = createKafka({ brokers: cluster.brokers, clientId: 'reader' });
    const following = followGroup(reading, topic, delivered, stop.signal);
    following.catch(() => undefined);
    try {
      await eventually('a second of records', () => acked.size >= perSecond, 60_000);
      await eventually('the group reads', () => delivered.times.size > 0, 60_000);
      const [described] = await kafka.admin().describeTopics([topic]);
      const leaders = described!.partitions.map(({ leader }) => leader);
      const victim = leaders[0]!;
      await cluster.kill(victim);
      const atKill = producer.sent;
      // Every partition goes on, also those that it led.
      await eventually('five seconds more', () => acked.size >= atKill + 5 * perSecond, 90_000);
      const [after] = await kafka.admin().describeTopics([topic]);
      expect(after!.partitions.map(({ leader }) => leader)).not.toContain(victim);
      await cluster.start(victim);
      const back = producer.sent;
      await eventually('two seconds with it', () => acked.size >= back + 2 * perSecond, 90_000);
    } finally {
      await producer.finish();
    }
    const { sent } = producer;
    expect(producer.failures).toEqual([]);
    expect(acked.size).toBe(sent);

    const stored = await timesOfNumbers(kafka, topic);
    expect(stored.size).toBe(sent);
    expect([...stored.values()].filter((times) => times !== 1)).toEqual([]);
    await eventually('the group has all', () => delivered.times.size === sent, 60_000);
    stop.abort();
    await following;
    await reading.close();
  }, 600_000);
});
