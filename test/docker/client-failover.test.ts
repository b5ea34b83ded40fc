import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RangeAssignor } from '../../src/runtime/clients/range-assignor.ts';
import { createKafka, isPartitionsLost, type Kafka } from '../../src/runtime/kafka/index.ts';
import { type KafkaCluster, startKafka, withoutKafka } from '../support/kafka-containers.ts';
import { eventually } from '../support/lab.ts';

if (withoutKafka) process.stderr.write(`${withoutKafka}\n`);

const perSecond = 2000;
const partitions = 6;
const numbers = Array.from({ length: partitions }, (_, partition) => partition);

/** Counts how often each number was seen. */
class Seen {
  readonly times = new Map<number, number>();
  see(number: number): void {
    this.times.set(number, (this.times.get(number) ?? 0) + 1);
  }
}

/** Reads the topic to the offsets, and gives how often each value is there. */
async function readAll(kafka: Kafka, topic: string): Promise<Map<number, number>> {
  const all = numbers.map((partition) => ({ topic, partition }));
  const ends = await kafka.admin().offsets(all, 'latest');
  const fetcher = kafka.fetcher();
  const seen = new Seen();
  for (const partition of numbers) fetcher.seek(topic, partition, 0);
  while (numbers.some((partition) => (fetcher.position(topic, partition) ?? 0) < ends[partition]!)) {
    const { partitions: got, problems } = await fetcher.poll(5000);
    if (problems[0]) throw problems[0].error;
    for (const { records } of got) while (records.next()) seen.see(records.value()!.readInt32BE(0));
  }
  await fetcher.close();
  return seen.times;
}

/** A member of a group that reads and commits until the signal aborts; `seen` counts what it was given. */
async function followGroup(kafka: Kafka, topic: string, seen: Seen, signal: AbortSignal): Promise<number> {
  const assignor = new RangeAssignor(kafka.admin());
  const member = kafka.group({ groupId: 'followers', topics: [topic], assignor, sessionTimeoutMs: 6000 });
  let joins = 0;
  while (!signal.aborted) {
    const generation = await member.join(signal).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (!generation) break;
    joins++;
    const fetcher = kafka.fetcher({ maxWaitMs: 100 });
    try {
      for (const { partition, offset } of await member.committed(generation.partitions))
        fetcher.seek(topic, partition, Math.max(0, offset));
      const ended = AbortSignal.any([generation.ended, signal]);
      while (!ended.aborted) {
        const { partitions: got, problems } = await fetcher.poll(1000, ended);
        if (problems[0]) throw problems[0].error;
        for (const { records } of got) while (records.next()) seen.see(records.value()!.readInt32BE(0));
        if (got.length === 0) continue;
        const offsets = got.map(({ partition, nextOffset }) => ({
          ...{ topic, partition, offset: nextOffset, metadata: '' },
        }));
        await member.commit(offsets);
      }
    } catch (error) {
      if (!isPartitionsLost(error)) throw error;
    } finally {
      await fetcher.close();
    }
  }
  await member.leave();
  return joins;
}

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
    const acked = new Set<number>();
    const failures: Error[] = [];
    const producer = kafka.producer({
      onBatch({ tags, count, error }) {
        if (error) failures.push(error);
        else for (const tag of tags.subarray(0, count)) acked.add(tag);
      },
    });
    await producer.start();
    await producer.partitionCount(topic);
    const stop = new AbortController();
    const delivered = new Seen();
    // Another client: its connections are its own.
    const reading = createKafka({ brokers: cluster.brokers, clientId: 'reader' });
    const following = followGroup(reading, topic, delivered, stop.signal);
    following.catch(() => undefined);
    let sent = 0;
    const pacer = setInterval(() => {
      for (let i = 0; i < perSecond / 100; i++, sent++) {
        const value = Buffer.alloc(64);
        value.writeInt32BE(sent);
        producer.append(topic, sent % partitions, null, value, Date.now(), null, sent);
      }
    }, 10);
    try {
      await eventually('a second of records', () => acked.size >= perSecond, 60_000);
      await eventually('the group reads', () => delivered.times.size > 0, 60_000);
      const [described] = await kafka.admin().describeTopics([topic]);
      const leaders = described!.partitions.map(({ leader }) => leader);
      const victim = leaders[0]!;
      await cluster.kill(victim);
      const atKill = sent;
      // Every partition goes on, also those that it led.
      await eventually('five seconds more', () => acked.size >= atKill + 5 * perSecond, 90_000);
      const [after] = await kafka.admin().describeTopics([topic]);
      expect(after!.partitions.map(({ leader }) => leader)).not.toContain(victim);
      await cluster.start(victim);
      const back = sent;
      await eventually('two seconds with it', () => acked.size >= back + 2 * perSecond, 90_000);
    } finally {
      clearInterval(pacer);
    }
    await producer.flush();
    expect(failures).toEqual([]);
    expect(acked.size).toBe(sent);

    const stored = await readAll(kafka, topic);
    expect(stored.size).toBe(sent);
    expect([...stored.values()].filter((times) => times !== 1)).toEqual([]);
    await eventually('the group has all', () => delivered.times.size === sent, 60_000);
    stop.abort();
    await following;
    await reading.close();
  }, 600_000);
});
