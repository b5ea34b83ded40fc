import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKafka, type Fetcher, type Kafka } from '../../../src/runtime/kafka/index.ts';
import { startBroker } from '../../support/broker.ts';

async function withTopic(partitions: number, records: number) {
  const cluster = await startBroker();
  const kafka = createKafka({ brokers: cluster.brokers, clientId: 'test' });
  await kafka.admin().createTopics([{ name: 't', partitions }]);
  await produce(kafka, partitions, records);
  return {
    cluster,
    kafka,
    async [Symbol.asyncDispose]() {
      await kafka.close();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

async function produce(kafka: Kafka, partitions: number, records: number): Promise<void> {
  const producer = kafka.producer();
  await producer.start();
  await producer.partitionCount('t');
  for (let i = 0; i < records; i++)
    producer.append('t', i % partitions, null, Buffer.from(`v${i}`), i, null, i);
  await producer.flush();
  await producer.close();
}

async function offsetsRead(fetcher: Fetcher, until: number): Promise<number[]> {
  const offsets: number[] = [];
  while (offsets.length < until) {
    const { partitions } = await fetcher.poll(5000);
    expect(partitions).not.toEqual([]);
    for (const { records } of partitions) while (records.next()) offsets.push(records.offset);
  }
  return offsets;
}

test('a fetch that begins inside a batch gives the records from there on', async () => {
  await using run = await withTopic(1, 100);
  const fetcher = run.kafka.fetcher();
  fetcher.seek('t', 0, 37);
  const { partitions } = await fetcher.poll(5000);
  const { records, fetchOffset, nextOffset, logStartOffset } = partitions[0]!;
  expect([fetchOffset, nextOffset, logStartOffset]).toEqual([37, 100, 0]);
  expect(records.next()).toBe(true);
  expect(records.offset).toBe(37);
  while (records.next());
  expect(records.offset).toBe(99);
  records.rewind();
  expect(records.next()).toBe(true);
  expect(records.offset).toBe(37);
  expect(fetcher.position('t', 0)).toBe(100);
});

test('a position outside of the log is a problem that is told once, until the owner seeks', async () => {
  await using run = await withTopic(1, 10);
  const fetcher = run.kafka.fetcher({ maxWaitMs: 20 });
  fetcher.seek('t', 0, 1000);
  const { problems } = await fetcher.poll(5000);
  expect(problems).toMatchObject([{ topic: 't', partition: 0, kind: 'out-of-range', fetchOffset: 1000 }]);
  expect(await fetcher.poll(60)).toEqual({ partitions: [], problems: [] });
  fetcher.seek('t', 0, 8);
  expect(await offsetsRead(fetcher, 2)).toEqual([8, 9]);
});

test('a topic that is deleted is a problem, and so is one that never was', async () => {
  await using run = await withTopic(1, 10);
  const fetcher = run.kafka.fetcher({ maxWaitMs: 20 });
  fetcher.seek('never', 3, 0);
  expect((await fetcher.poll(5000)).problems).toMatchObject([{ topic: 'never', kind: 'unknown-topic' }]);
  fetcher.seek('t', 0, 10);
  expect((await fetcher.poll(50)).problems).toEqual([]);
  await run.kafka.admin().deleteTopics(['t']);
  expect((await fetcher.poll(5000)).problems).toMatchObject([{ topic: 't', kind: 'unknown-topic' }]);
});

test('a paused partition gives nothing and loses nothing', async () => {
  await using run = await withTopic(2, 10);
  const fetcher = run.kafka.fetcher({ maxWaitMs: 20 });
  fetcher.seek('t', 0, 0);
  fetcher.seek('t', 1, 0);
  fetcher.pause('t', 1);
  expect((await fetcher.poll(5000)).partitions.map(({ partition }) => partition)).toEqual([0]);
  expect((await fetcher.poll(60)).partitions).toEqual([]);
  fetcher.resume('t', 1);
  expect(await offsetsRead(fetcher, 5)).toEqual([0, 1, 2, 3, 4]);
  fetcher.remove('t', 1);
  expect(fetcher.position('t', 1)).toBeUndefined();
});

test('a poll resolves as soon as a record is there, and when it is aborted', async () => {
  await using run = await withTopic(1, 1);
  const fetcher = run.kafka.fetcher({ maxWaitMs: 10_000 });
  fetcher.seek('t', 0, 1);
  const waiting = fetcher.poll(10_000);
  await expect(fetcher.poll(1)).rejects.toMatchObject({ code: 'DDS_BUG' });
  const before = performance.now();
  await produce(run.kafka, 1, 1);
  expect((await waiting).partitions).toHaveLength(1);
  expect(performance.now() - before).toBeLessThan(5000);
  const abort = new AbortController();
  const aborted = fetcher.poll(10_000, abort.signal);
  abort.abort();
  expect(await aborted).toEqual({ partitions: [], problems: [] });
});

test('small answers come round to every partition', async () => {
  await using run = await withTopic(4, 4000);
  const fetcher = run.kafka.fetcher({ maxBytes: 1, maxPartitionBytes: 1 });
  for (let partition = 0; partition < 4; partition++) fetcher.seek('t', partition, 0);
  const seen = new Set<number>();
  for (let polls = 0; polls < 4; polls++) {
    for (const { partition } of (await fetcher.poll(5000)).partitions) seen.add(partition);
  }
  expect(seen.size).toBe(4);
});

test('it goes on where it was after the broker was gone, and says so meanwhile', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'dds-fetcher-'));
  let cluster = await startBroker({ dataDir });
  const { port } = new URL(`http://${cluster.brokers[0]}`);
  const kafka = createKafka({ brokers: cluster.brokers, clientId: 'test' });
  try {
    await kafka.admin().createTopics([{ name: 't', partitions: 1 }]);
    await produce(kafka, 1, 10);
    const fetcher = kafka.fetcher();
    fetcher.seek('t', 0, 0);
    expect(await offsetsRead(fetcher, 10)).toHaveLength(10);
    expect(fetcher.unreachable).toBeNull();
    await cluster[Symbol.asyncDispose]();
    await expect
      .poll(
        async () => {
          await fetcher.poll(20);
          return fetcher.unreachable;
        },
        { timeout: 5000 },
      )
      .toMatchObject({ code: 'DDS_BROKER_UNREACHABLE' });
    cluster = await startBroker({
      dataDir,
      listeners: [{ name: 'local', host: '127.0.0.1', port: Number(port) }],
    });
    await produce(kafka, 1, 5);
    expect(await offsetsRead(fetcher, 5)).toEqual([10, 11, 12, 13, 14]);
    expect(fetcher.unreachable).toBeNull();
  } finally {
    await kafka.close();
    await cluster[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  }
});
