import { expect, test } from 'vitest';
import { createTopics, metadata, produce } from '../../src/runtime/protocol/index.ts';
import { startBroker } from '../support/broker.ts';
import { batchOf, RawClient } from '../support/raw-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const TOPICS = 1000;
const PARTITIONS = 5;
const CONNECTIONS = 1000;

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const partitionData = () => range(PARTITIONS).map((index) => ({ index, records: batchOf([{}]) }));

test('1,000 connections, 1,000 topics and 5,000 partitions are served, and started with in less than 5 s', async () => {
  const dataDir = temporaryDirectory();
  {
    await using running = await startBroker({ dataDir });
    await using client = await RawClient.connect(running.broker.ports.local!);
    const created = await client.ask(createTopics, 3, {
      topics: range(TOPICS).map((i) => ({ name: `t${i}`, numPartitions: PARTITIONS, replicationFactor: 1 })),
      validateOnly: false,
    });
    expect(created.topics.every(({ errorCode }) => errorCode === 0)).toBe(true);
    for (const i of range(TOPICS)) {
      const topicData = [{ name: `t${i}`, partitionData: partitionData() }];
      await client.ask(produce, 9, { acks: -1, timeoutMs: 5000, topicData });
    }
  }
  const startedAt = performance.now();
  await using running = await startBroker({ dataDir });
  const startMs = performance.now() - startedAt;
  expect(startMs).toBeLessThan(5000);
  expect(running.broker.info()).toMatchObject({ topics: TOPICS, partitions: TOPICS * PARTITIONS });
  const port = running.broker.ports.local!;
  const clients = await Promise.all(range(CONNECTIONS).map(() => RawClient.connect(port)));
  try {
    const answers = await Promise.all(clients.map((client, i) => client.produce(`t${i}`, 4, batchOf([{}]))));
    expect(answers.every(({ errorCode, baseOffset }) => errorCode === 0 && baseOffset === 1)).toBe(true);
    const fetched = await Promise.all(clients.map((client, i) => client.fetch(`t${i}`, 4, 1)));
    expect(fetched.every(({ records, highWatermark }) => records!.length > 0 && highWatermark === 2)).toBe(
      true,
    );
    const { topics } = await clients[0]!.ask(metadata, 9, { topics: null });
    expect(topics).toHaveLength(TOPICS);
    expect(running.broker.info().connections).toBe(CONNECTIONS);
    const rssMiB = Math.round(process.memoryUsage.rss() / 2 ** 20);
    process.stdout.write(
      `start with ${TOPICS * PARTITIONS} partitions: ${startMs.toFixed(0)} ms; broker and ${CONNECTIONS} clients: ${rssMiB} MiB\n`,
    );
  } finally {
    for (const client of clients) client.socket.destroy();
  }
}, 60_000);
