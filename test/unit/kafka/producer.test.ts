import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BatchReport, createKafka, type Kafka } from '../../../src/runtime/kafka/index.ts';
import { startBroker } from '../../support/broker.ts';

async function readAll(kafka: Kafka, topic: string, partitions: number, count: number): Promise<string[][]> {
  const fetcher = kafka.fetcher();
  const values: string[][] = Array.from({ length: partitions }, () => []);
  for (let partition = 0; partition < partitions; partition++) fetcher.seek(topic, partition, 0);
  for (let read = 0; read < count; ) {
    const { partitions: fetched, problems } = await fetcher.poll(5000);
    expect(problems).toEqual([]);
    expect(fetched).not.toEqual([]);
    for (const { partition, records } of fetched) {
      for (; records.next(); read++) values[partition]!.push(records.value()!.toString());
    }
  }
  await fetcher.close();
  return values;
}

test('appended records arrive in order, with key, time, headers and the offsets that the reports tell', async () => {
  await using cluster = await startBroker();
  const kafka = createKafka({ brokers: cluster.brokers, clientId: 'test' });
  await kafka.admin().createTopics([{ name: 't', partitions: 2 }]);
  const reports: BatchReport[] = [];
  const producer = kafka.producer({
    onBatch: (report) => reports.push({ ...report, tags: report.tags.slice() }),
  });
  await producer.start();
  expect(await producer.partitionCount('t')).toBe(2);
  const headers = [
    { key: 'dds-intended', value: Buffer.from([1, 2]) },
    { key: 'größe', value: null },
  ];
  for (let i = 0; i < 1000; i++) {
    const key = i % 3 === 0 ? null : Buffer.from(`k${i}`);
    producer.append('t', i % 2, key, Buffer.from(`v${i}`), 1_700_000_000_000 + i, i % 2 ? headers : null, i);
  }
  expect(producer.pendingRecords).toBe(1000);
  await producer.flush();
  expect(producer.pendingRecords).toBe(0);
  expect(producer.pendingBytes).toBe(0);

  const offsets = new Map<number, number>();
  for (const { baseOffset, tags, error, ackedAtMs, sentAtMs } of reports) {
    expect(error).toBeNull();
    expect(ackedAtMs).toBeGreaterThanOrEqual(sentAtMs);
    for (const [i, tag] of tags.entries()) offsets.set(tag, baseOffset + i);
  }
  const fetcher = kafka.fetcher();
  fetcher.seek('t', 1, 0);
  const { partitions } = await fetcher.poll(5000);
  const { records, nextOffset, highWatermark } = partitions[0]!;
  expect([nextOffset, highWatermark]).toEqual([500, 500]);
  for (let i = 1; i < 1000; i += 2) {
    expect(records.next()).toBe(true);
    expect(records.offset).toBe(offsets.get(i));
    expect(records.timestamp).toBe(1_700_000_000_000 + i);
    expect(records.key()?.toString() ?? null).toBe(i % 3 === 0 ? null : `k${i}`);
    expect(records.value()?.toString()).toBe(`v${i}`);
    expect(records.headers()).toEqual(headers);
    expect(records.header('größe')).toBeNull();
    expect(records.header('nothing')).toBeUndefined();
  }
  expect(records.next()).toBe(false);
  await kafka.close();
});

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
  '%s batches are written and read',
  async (compression) => {
    await using cluster = await startBroker();
    const kafka = createKafka({ brokers: cluster.brokers, clientId: 'test' });
    await kafka.admin().createTopics([{ name: 't', partitions: 1 }]);
    const producer = kafka.producer({ compression });
    await producer.start();
    await producer.partitionCount('t');
    const sent = Array.from({ length: 500 }, (_, i) => `value ${i}`);
    for (const value of sent) producer.append('t', 0, null, Buffer.from(value), 1, null, 0);
    await producer.flush();
    expect(await readAll(kafka, 't', 1, 500)).toEqual([sent]);
    await kafka.close();
  },
);

test('every record arrives once and in order over restarts of the broker', { timeout: 30_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'dds-producer-'));
  let cluster = await startBroker({ dataDir });
  const { port } = new URL(`http://${cluster.brokers[0]}`);
  const listeners = [{ name: 'local', host: '127.0.0.1', port: Number(port) }];
  const kafka = createKafka({ brokers: cluster.brokers, clientId: 'test' });
  try {
    await kafka.admin().createTopics([{ name: 't', partitions: 3 }]);
    const producer = kafka.producer({ lingerMs: 1, batchBytes: 2000 });
    await producer.start();
    await producer.partitionCount('t');
    const total = 30_000;
    let restarts = 0;
    for (let i = 0; i < total; i++) {
      producer.append('t', i % 3, null, Buffer.from(`v${i}`), 1, null, i);
      if (i % 10_000 === 5000) {
        // In the middle of the stream, with requests under way.
        await producer.below(2500);
        await cluster[Symbol.asyncDispose]();
        cluster = await startBroker({ dataDir, listeners });
        restarts++;
      }
    }
    await producer.flush();
    expect(restarts).toBe(3);
    const values = await readAll(kafka, 't', 3, total);
    for (const [partition, list] of values.entries()) {
      expect(list).toEqual(Array.from({ length: total / 3 }, (_, i) => `v${i * 3 + partition}`));
    }
  } finally {
    await kafka.close();
    await cluster[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  }
});

test('nothing follows the first batch of a producer before it has arrived: a broker would take the second as the first', async () => {
  await using cluster = await startBroker();
  const kafka = createKafka({ brokers: cluster.brokers, clientId: 'test' });
  await kafka.admin().createTopics([{ name: 't', partitions: 1 }]);
  const { faults } = cluster.broker;
  const rule = { api: 'Produce', times: 1, topic: 't' };
  faults.add({ ...rule, action: { kind: 'error', error: 'NOT_LEADER_OR_FOLLOWER' } });
  const producer = kafka.producer({ batchBytes: 100, deliveryTimeoutMs: 3000 });
  await producer.start();
  await producer.partitionCount('t');
  const values = Array.from({ length: 50 }, (_, i) => `value ${i}`);
  for (const [i, value] of values.entries()) producer.append('t', 0, null, Buffer.from(value), i, null, i);
  await producer.flush();
  expect(faults.list()).toMatchObject([{ hits: 1 }]);
  expect(await readAll(kafka, 't', 1, values.length)).toEqual([values]);
  await kafka.close();
});

test('work goes on within three seconds after a broker has come back', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'dds-producer-'));
  let cluster = await startBroker({ dataDir });
  const { port } = new URL(`http://${cluster.brokers[0]}`);
  const kafka = createKafka({ brokers: cluster.brokers, clientId: 'test' });
  try {
    await kafka.admin().createTopics([{ name: 't', partitions: 1 }]);
    const producer = kafka.producer();
    await producer.start();
    await producer.partitionCount('t');
    await cluster[Symbol.asyncDispose]();
    producer.append('t', 0, null, Buffer.from('x'), 1, null, 0);
    // Long enough for the pauses between attempts to reach their longest.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    cluster = await startBroker({
      dataDir,
      listeners: [{ name: 'local', host: '127.0.0.1', port: Number(port) }],
    });
    const back = performance.now();
    await producer.flush();
    expect(performance.now() - back).toBeLessThan(3000);
  } finally {
    await kafka.close();
    await cluster[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  }
});

test('a topic that is not there is told at once', async () => {
  await using cluster = await startBroker();
  const kafka = createKafka({ brokers: cluster.brokers, clientId: 'test' });
  await expect(kafka.producer().partitionCount('nope')).rejects.toMatchObject({ code: 'DDS_UNKNOWN_TOPIC' });
  await kafka.close();
});

test('a broker that is not there is told at once', async () => {
  const gone = await startBroker();
  await gone[Symbol.asyncDispose]();
  const kafka = createKafka({ brokers: gone.brokers, clientId: 'test' });
  const before = performance.now();
  await expect(kafka.connect()).rejects.toMatchObject({ code: 'DDS_BROKER_UNREACHABLE' });
  await expect(kafka.producer().start()).rejects.toMatchObject({ code: 'DDS_BROKER_UNREACHABLE' });
  await expect(kafka.admin().topicConfigs('t')).rejects.toMatchObject({ code: 'DDS_BROKER_UNREACHABLE' });
  expect(performance.now() - before).toBeLessThan(2000);
  await kafka.close();
});
