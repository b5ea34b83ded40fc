import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  compressionNames,
  createTopics,
  initProducerId,
  kafkaErrorName,
  produce,
  RecordBatch,
  RecordWalker,
} from '../../src/runtime/protocol/index.ts';
import { startBroker } from '../support/broker.ts';
import { batchOf, RawClient } from '../support/raw-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

async function withTopic(
  client: RawClient,
  name: string,
  configs: Record<string, string> = {},
): Promise<void> {
  const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
  const answer = await client.ask(createTopics, 3, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1, configs: entries }],
    validateOnly: false,
  });
  expect(answer.topics[0]!.errorMessage).toBe(null);
}

const errorOf = async (answer: Promise<{ errorCode: number }>) => kafkaErrorName((await answer).errorCode);

test('offsets follow one another; the batch is kept as it came but for its offset', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  await withTopic(client, 't');
  const sent = batchOf([{ value: 'a' }, { value: 'b' }]);
  expect(await client.produce('t', 0, sent)).toMatchObject({
    errorCode: 0,
    baseOffset: 0,
    logAppendTimeMs: -1,
  });
  expect(await client.produce('t', 0, sent)).toMatchObject({ errorCode: 0, baseOffset: 2 });
  const { records, highWatermark } = await client.fetch('t', 0, 2);
  expect(highWatermark).toBe(4);
  const batch = new RecordBatch(records!);
  expect(batch.baseOffset).toBe(2);
  expect(batch.bytes.subarray(16)).toEqual(sent.subarray(16));
});

test.for(compressionNames)('%s batches are stored and served unopened', async (compression) => {
  const dataDir = temporaryDirectory();
  await using running = await startBroker({ dataDir });
  await using client = await RawClient.connect(running.broker.ports.local!);
  await withTopic(client, 't');
  const sent = batchOf([{ value: 'x'.repeat(500) }, { value: 'y'.repeat(500) }], { compression });
  await client.produce('t', 0, sent);
  const stored = readFileSync(path.join(dataDir, 't-0', `${'0'.repeat(20)}.log`));
  expect(stored.subarray(16)).toEqual(sent.subarray(16));
  const { records } = await client.fetch('t', 0, 1);
  expect(records!.subarray(16)).toEqual(sent.subarray(16));
  const walker = new RecordWalker(records!, { fromOffset: 1 });
  expect(walker.next() && walker.value()!.toString()).toBe('y'.repeat(500));
});

test('what Kafka refuses is refused', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  await withTopic(client, 't', { 'max.message.bytes': '1000' });
  await withTopic(client, 'compacted', { 'cleanup.policy': 'compact' });
  const corrupt = batchOf([{ value: 'a' }]);
  corrupt[corrupt.length - 2]! ^= 1;
  expect(await errorOf(client.produce('t', 0, corrupt))).toBe('CORRUPT_MESSAGE');
  const old = batchOf([{ value: 'a' }]);
  old[16] = 1;
  expect(await errorOf(client.produce('t', 0, old))).toBe('INVALID_RECORD');
  expect(await errorOf(client.produce('t', 0, batchOf([{ value: 'x'.repeat(1000) }])))).toBe(
    'MESSAGE_TOO_LARGE',
  );
  expect(await errorOf(client.produce('t', 0, Buffer.alloc(0)))).toBe('INVALID_RECORD');
  const two = Buffer.concat([batchOf([{}]), batchOf([{}])]);
  expect(await errorOf(client.produce('t', 0, two))).toBe('INVALID_RECORD');
  expect(await errorOf(client.produce('t', 0, batchOf([{ timestamp: Date.now() + 7_200_000 }])))).toBe(
    'INVALID_TIMESTAMP',
  );
  expect(await errorOf(client.produce('t', 9, batchOf([{}])))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  expect(await errorOf(client.produce('none', 0, batchOf([{}])))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  expect(await errorOf(client.produce('compacted', 0, batchOf([{ key: null }])))).toBe('INVALID_RECORD');
  expect((await client.fetch('t', 0, 0)).highWatermark).toBe(0);
});

test('with LogAppendTime all records have the time of the broker', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  await withTopic(client, 't', { 'message.timestamp.type': 'LogAppendTime' });
  const before = Date.now();
  const { logAppendTimeMs } = await client.produce('t', 0, batchOf([{ timestamp: 5 }, { timestamp: 6 }]));
  expect(logAppendTimeMs).toBeGreaterThanOrEqual(before);
  const { records } = await client.fetch('t', 0, 0);
  expect(new RecordBatch(records!).fault()).toBe(null);
  const walker = new RecordWalker(records!);
  while (walker.next()) expect(walker.timestamp).toBe(logAppendTimeMs);
});

test('acks 0 is not answered, and what follows on the connection is', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  await withTopic(client, 't');
  const topicData = [{ name: 't', partitionData: [{ index: 0, records: batchOf([{}]) }] }];
  let isAnswered = false;
  client.frame(produce, 7, { acks: 0, timeoutMs: 1, topicData }).then(
    () => {
      isAnswered = true;
    },
    () => undefined,
  );
  expect(await client.produce('t', 0, batchOf([{}]))).toMatchObject({ errorCode: 0, baseOffset: 1 });
  expect(isAnswered).toBe(false);
});

test('acks 0 with something wrong ends the connection, and the rest of the request is written', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  await using other = await RawClient.connect(running.broker.ports.local!);
  await withTopic(client, 't');
  const partitionData = [
    { index: 0, records: batchOf([{}]) },
    { index: 7, records: batchOf([{}]) },
  ];
  const unanswered = { acks: 0, timeoutMs: 1, topicData: [{ name: 't', partitionData }] };
  await expect(client.frame(produce, 7, unanswered)).rejects.toThrow('closed');
  expect((await other.fetch('t', 0, 0)).highWatermark).toBe(1);
});

test('an idempotent producer: duplicates get the old offset, gaps and old epochs are refused; also after a restart', async () => {
  const dataDir = temporaryDirectory();
  let producerId = -1;
  const batch = (baseSequence: number, producerEpoch = 0) =>
    batchOf([{}, {}], { producerId, producerEpoch, baseSequence });
  {
    await using running = await startBroker({ dataDir });
    await using client = await RawClient.connect(running.broker.ports.local!);
    await withTopic(client, 't');
    const init = () => client.ask(initProducerId, 1, { transactionalId: null, transactionTimeoutMs: 0 });
    producerId = (await init()).producerId;
    expect((await init()).producerId).not.toBe(producerId);
    for (let i = 0; i < 6; i++)
      expect(await client.produce('t', 0, batch(i * 2))).toMatchObject({ errorCode: 0, baseOffset: i * 2 });
    expect(await client.produce('t', 0, batch(4))).toMatchObject({ errorCode: 0, baseOffset: 4 });
    expect(await errorOf(client.produce('t', 0, batch(14)))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    // Older than the five that are remembered.
    expect(await errorOf(client.produce('t', 0, batch(0)))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
  }
  await using running = await startBroker({ dataDir });
  await using client = await RawClient.connect(running.broker.ports.local!);
  expect(await client.produce('t', 0, batch(10))).toMatchObject({ errorCode: 0, baseOffset: 10 });
  expect((await client.fetch('t', 0, 0)).highWatermark).toBe(12);
  expect(await client.produce('t', 0, batch(0, 1))).toMatchObject({ errorCode: 0, baseOffset: 12 });
  expect(await errorOf(client.produce('t', 0, batch(12, 0)))).toBe('INVALID_PRODUCER_EPOCH');
  const { producerId: next } = await client.ask(initProducerId, 1, {
    transactionalId: null,
    transactionTimeoutMs: 0,
  });
  expect(next).toBeGreaterThan(producerId + 1);
});

test('fsync always acknowledges after the sync', async () => {
  await using running = await startBroker({ dataDir: temporaryDirectory(), fsync: 'always' });
  await using client = await RawClient.connect(running.broker.ports.local!);
  await withTopic(client, 't');
  const answers = await Promise.all(Array.from({ length: 5 }, () => client.produce('t', 0, batchOf([{}]))));
  expect(answers.map(({ baseOffset }) => baseOffset)).toEqual([0, 1, 2, 3, 4]);
});
