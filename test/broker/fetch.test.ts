import { expect, test } from 'vitest';
import {
  apiVersions,
  createTopics,
  deleteRecords,
  deleteTopics,
  fetch,
  kafkaErrorName,
  listOffsets,
  metadata,
  RecordBatch,
  RecordWalker,
} from '../../src/runtime/protocol/index.ts';
import { startBroker } from '../support/broker.ts';
import { batchOf, RawClient } from '../support/raw-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const withTopic = (client: RawClient, name = 't', numPartitions = 1) =>
  client.ask(createTopics, 3, {
    topics: [{ name, numPartitions, replicationFactor: 1 }],
    validateOnly: false,
  });

const offsetsIn = (records: Buffer | null, fromOffset = 0): number[] => {
  const walker = new RecordWalker(records!, { fromOffset });
  const offsets: number[] = [];
  while (walker.next()) offsets.push(walker.offset);
  return offsets;
};

/** In memory, on disk from the cached tail, and on disk after a restart, when nothing is cached. */
test.for(['memory', 'file', 'restarted'] as const)(
  'a fetch in the middle of a batch gives the whole batch (%s)',
  async (storage) => {
    const dataDir = storage === 'memory' ? null : temporaryDirectory();
    let running = await startBroker({ dataDir });
    let client = await RawClient.connect(running.broker.ports.local!);
    try {
      await withTopic(client);
      for (let i = 0; i < 200; i++)
        await client.produce('t', 0, batchOf([{}, {}, { value: 'x'.repeat(200) }]));
      if (storage === 'restarted') {
        await client[Symbol.asyncDispose]();
        await running.broker.stop();
        running = await startBroker({ dataDir });
        client = await RawClient.connect(running.broker.ports.local!);
      }
      for (const offset of [0, 1, 2, 3, 298, 300, 597, 599]) {
        const { records, errorCode } = await client.fetch('t', 0, offset, { maxBytes: 2000 });
        expect(errorCode).toBe(0);
        const batch = new RecordBatch(records!);
        expect(batch.baseOffset).toBe(offset - (offset % 3));
        expect(batch.fault()).toBe(null);
        expect(offsetsIn(records, offset)[0]).toBe(offset);
        expect(records!.length).toBeLessThanOrEqual(2000);
      }
      expect(offsetsIn((await client.fetch('t', 0, 0, { maxBytes: 10_000_000 })).records)).toHaveLength(600);
      // A batch larger than what was asked for comes nevertheless (KIP-74).
      expect(offsetsIn((await client.fetch('t', 0, 4, { maxBytes: 10 })).records)).toEqual([3, 4, 5]);
      expect((await client.fetch('t', 0, 600)).records).toHaveLength(0);
      expect(kafkaErrorName((await client.fetch('t', 0, 601)).errorCode)).toBe('OFFSET_OUT_OF_RANGE');
    } finally {
      await client[Symbol.asyncDispose]();
      await running.broker.stop();
    }
  },
);

test('a fetch waits for min bytes and is woken by an append, or ends after max wait', async () => {
  await using running = await startBroker();
  const port = running.broker.ports.local!;
  await using client = await RawClient.connect(port);
  await using producer = await RawClient.connect(port);
  await withTopic(client);
  const startedAt = performance.now();
  expect((await client.fetch('t', 0, 0, { maxWaitMs: 120 })).records).toHaveLength(0);
  expect(performance.now() - startedAt).toBeGreaterThan(110);

  const waiting = client.fetch('t', 0, 0, { maxWaitMs: 10_000 });
  await producer.produce('t', 0, batchOf([{}]));
  expect(offsetsIn((await waiting).records)).toEqual([0]);

  const batch = batchOf([{ value: 'x'.repeat(100) }]);
  let isDone = false;
  const large = client.fetch('t', 0, 1, { maxWaitMs: 10_000, minBytes: batch.length * 2 }).then((answer) => {
    isDone = true;
    return answer;
  });
  await producer.produce('t', 0, Buffer.from(batch));
  await producer.fetch('t', 0, 0);
  expect(isDone).toBe(false);
  await producer.produce('t', 0, Buffer.from(batch));
  expect(offsetsIn((await large).records)).toEqual([1, 2]);
});

test('a waiting fetch holds back what follows it on its connection, so that answers keep their order', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  await withTopic(client);
  const order: string[] = [];
  const topics = [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }];
  const all = [
    client.frame(fetch, 11, { maxWaitMs: 100, minBytes: 1, topics }).then(() => order.push('fetch')),
    client.frame(metadata, 5, { topics: [] }).then(() => order.push('metadata')),
    client.frame(apiVersions, 2, {}).then(() => order.push('versions')),
  ];
  await Promise.all(all);
  expect(order).toEqual(['fetch', 'metadata', 'versions']);
});

test('a waiting fetch ends when its topic is deleted', async () => {
  await using running = await startBroker();
  const port = running.broker.ports.local!;
  await using client = await RawClient.connect(port);
  await using admin = await RawClient.connect(port);
  await withTopic(client);
  const waiting = client.fetch('t', 0, 0, { maxWaitMs: 10_000 });
  await admin.ask(deleteTopics, 3, { topicNames: ['t'], timeoutMs: 100, topics: [] });
  expect(kafkaErrorName((await waiting).errorCode)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
});

test('fetches by topic id (version 13 and up)', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  await withTopic(client);
  await client.produce('t', 0, batchOf([{}]));
  const described = await client.ask(metadata, 12, { topics: [{ name: 't' }] });
  const fetchId = (topicId: string) =>
    client.ask(fetch, 16, {
      maxWaitMs: 0,
      minBytes: 1,
      topics: [{ topicId, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }],
    });
  const { topicId } = described.topics[0]!;
  const found = await fetchId(topicId);
  expect(found).toMatchObject({ sessionId: 0, responses: [{ topicId }] });
  expect(offsetsIn(found.responses[0]!.partitions[0]!.records)).toEqual([0]);
  const missing = await fetchId('00000000-0000-0000-0000-0000000000ff');
  expect(kafkaErrorName(missing.responses[0]!.partitions[0]!.errorCode)).toBe('UNKNOWN_TOPIC_ID');
});

test.for([false, true])(
  'offsets by time, earliest, latest and highest time (restarted: %s)',
  async (isRestarted) => {
    const dataDir = temporaryDirectory();
    let running = await startBroker({ dataDir, config: { 'log.segment.bytes': '2000' } });
    let client = await RawClient.connect(running.broker.ports.local!);
    try {
      await withTopic(client);
      // 100 batches of two records, 10 ms apart; the highest time stands in the middle.
      for (let i = 0; i < 100; i++) {
        const records = [{ timestamp: 1000 + i * 20 }, { timestamp: i === 50 ? 99_999 : 1010 + i * 20 }];
        await client.produce('t', 0, batchOf(records, i % 3 === 0 ? { compression: 'gzip' } : {}));
      }
      if (isRestarted) {
        await client[Symbol.asyncDispose]();
        await running.broker.stop();
        running = await startBroker({ dataDir });
        client = await RawClient.connect(running.broker.ports.local!);
      }
      const at = async (timestamp: number) => {
        const topics = [{ name: 't', partitions: [{ partitionIndex: 0, timestamp }] }];
        const answer = await client.ask(listOffsets, 7, { topics });
        const { offset, timestamp: time } = answer.topics[0]!.partitions[0]!;
        return [offset, time];
      };
      expect(await at(-1)).toEqual([200, -1]);
      expect(await at(-2)).toEqual([0, -1]);
      expect(await at(-3)).toEqual([101, 99_999]);
      expect(await at(0)).toEqual([0, 1000]);
      expect(await at(1010)).toEqual([1, 1010]);
      expect(await at(1011)).toEqual([2, 1020]);
      expect(await at(1990)).toEqual([99, 1990]);
      expect(await at(2011)).toEqual([101, 99_999]);
      expect(await at(100_000)).toEqual([-1, -1]);
      // As long as its segment is there, the record with the highest time is told, deleted or not; no other one that is.
      const partitions = [{ partitionIndex: 0, offset: 102 }];
      await client.ask(deleteRecords, 2, { topics: [{ name: 't', partitions }], timeoutMs: 1000 });
      expect(await at(-3)).toEqual([101, 99_999]);
      expect(await at(0)).toEqual([102, 2020]);
    } finally {
      await client[Symbol.asyncDispose]();
      await running.broker.stop();
    }
  },
);
