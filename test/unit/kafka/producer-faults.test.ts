import { expect, test } from 'vitest';
import { type BatchReport, createKafka, type ProducerOptions } from '../../../src/runtime/kafka/index.ts';
import { codeOf } from '../../../src/runtime/protocol/index.ts';
import { type ProducedBatch, type Reply, startScriptedBroker } from '../../support/scripted-broker.ts';

const TOPIC = 'readings';

async function scripted(reply: (batch: ProducedBatch, nth: number) => Reply, options: ProducerOptions = {}) {
  const broker = await startScriptedBroker({ topic: TOPIC, partitions: 2, reply });
  const reports: (Omit<BatchReport, 'tags'> & { tags: number[] })[] = [];
  const kafka = createKafka({ brokers: broker.brokers, clientId: 'test' });
  const producer = kafka.producer({
    lingerMs: 0,
    ...options,
    onBatch: (report) => reports.push({ ...report, tags: [...report.tags] }),
  });
  await producer.start();
  await producer.partitionCount(TOPIC);
  return {
    broker,
    producer,
    reports,
    append: (tag: number, partition = 0) =>
      producer.append(TOPIC, partition, null, Buffer.from(String(tag)), 1000, null, tag),
    async [Symbol.asyncDispose]() {
      await kafka.close();
      await broker[Symbol.asyncDispose]();
    },
  };
}

test('a retriable error is tried again with the same sequence', async () => {
  const notLeader = codeOf('NOT_LEADER_OR_FOLLOWER');
  await using run = await scripted((_, nth) => (nth <= 2 ? notLeader : 0));
  run.append(1);
  await run.producer.flush();
  expect(run.broker.batches.map(({ sequence, epoch }) => [sequence, epoch])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  expect(run.reports.map(({ tags, error }) => [tags, error])).toEqual([[[1], null]]);
});

test('a connection that ends without an answer does not double or reorder: same sequences again', async () => {
  await using run = await scripted((_, nth) => (nth === 1 ? 'drop' : 0), { batchBytes: 1 });
  for (let tag = 1; tag <= 3; tag++) run.append(tag);
  await run.producer.flush();
  expect(run.reports.map(({ tags }) => tags)).toEqual([[1], [2], [3]]);
  const first = new Map(run.broker.batches.map((batch) => [batch.sequence, batch.producerId]));
  expect([...first.keys()].sort()).toEqual([0, 1, 2]);
  expect(new Set(first.values()).size).toBe(1);
});

test('batches behind one that failed are sent again in order', async () => {
  const outOfOrder = codeOf('OUT_OF_ORDER_SEQUENCE_NUMBER');
  let expected = 0;
  let failed = false;
  const accepted: number[] = [];
  await using run = await scripted(
    ({ sequence }) => {
      if (sequence === 2 && !failed) {
        failed = true;
        return codeOf('NOT_ENOUGH_REPLICAS');
      }
      if (sequence !== expected) return outOfOrder;
      expected = sequence + 1;
      accepted.push(sequence);
      return 0;
    },
    { batchBytes: 1 },
  );
  for (let tag = 0; tag < 8; tag++) run.append(tag);
  await run.producer.flush();
  expect(accepted).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(run.reports.flatMap(({ tags }) => tags)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(new Set(run.broker.batches.map(({ epoch }) => epoch))).toEqual(new Set([0]));
});

test.each(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID'] as const)(
  'a broker that forgot the producer (%s) is met with a new epoch from sequence 0',
  async (name) => {
    await using run = await scripted(({ epoch, sequence }) =>
      epoch === 0 && sequence > 0 ? codeOf(name) : 0,
    );
    run.append(1);
    await run.producer.flush();
    run.append(2);
    await run.producer.flush();
    run.append(3);
    await run.producer.flush();
    expect(run.broker.batches.map(({ epoch, sequence }) => [epoch, sequence])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    expect(run.reports.every(({ error }) => error === null)).toBe(true);
  },
);

test('a fatal error fails its batch only; what follows goes on under a new epoch', async () => {
  await using run = await scripted((_, nth) => (nth === 1 ? codeOf('MESSAGE_TOO_LARGE') : 0));
  run.append(1);
  await expect(run.producer.flush()).rejects.toMatchObject({
    code: 'DDS_KAFKA',
    details: { kafka: 'MESSAGE_TOO_LARGE' },
  });
  run.append(2);
  await run.producer.flush();
  expect(run.reports.map(({ tags, error }) => [tags, error === null])).toEqual([
    [[1], false],
    [[2], true],
  ]);
  expect(run.broker.batches[1]).toMatchObject({ epoch: 1, sequence: 0 });
});

test('a fenced producer takes a new id', async () => {
  await using run = await scripted((_, nth) => (nth === 1 ? codeOf('INVALID_PRODUCER_EPOCH') : 0));
  run.append(1);
  await expect(run.producer.flush()).rejects.toMatchObject({ code: 'DDS_KAFKA' });
  run.append(2);
  await run.producer.flush();
  const [first, second] = run.broker.batches;
  expect(second!.producerId).not.toBe(first!.producerId);
  expect(second).toMatchObject({ sequence: 0 });
});

test('a batch that is never acknowledged is given up after its delivery timeout', async () => {
  await using run = await scripted(() => codeOf('NOT_ENOUGH_REPLICAS'), { deliveryTimeoutMs: 150 });
  run.append(1);
  await expect(run.producer.flush()).rejects.toMatchObject({ code: 'DDS_BROKER_UNREACHABLE' });
  expect(run.producer.pendingRecords).toBe(0);
  expect(run.producer.pendingBytes).toBe(0);
});

test('closing with an aborted signal does not wait for the broker, and tells what was lost', async () => {
  await using run = await scripted(() => 'hang');
  run.append(1);
  run.append(2, 1);
  await run.producer.close(AbortSignal.abort());
  await expect.poll(() => run.reports.flatMap(({ tags }) => tags).sort()).toEqual([1, 2]);
  expect(run.reports.every(({ error }) => error !== null)).toBe(true);
});

test('what waits for its linger time rides along with what is due', async () => {
  await using run = await scripted(() => 0, { lingerMs: 30 });
  run.append(1, 0);
  run.append(2, 1);
  await run.producer.below(1);
  expect(run.reports).toHaveLength(2);
  expect(run.reports[0]!.sentAtMs).toBe(run.reports[1]!.sentAtMs);
});
