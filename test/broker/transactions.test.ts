import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import {
  batchesOf,
  createTopics,
  deleteRecords,
  describeProducers,
  describeTransactions,
  findCoordinator,
  initProducerId,
  kafkaErrorName,
  listTransactions,
  TRANSACTIONAL,
  writeTxnMarkers,
} from '../../src/runtime/protocol/index.ts';
import { type RunningBroker, startBroker } from '../support/broker.ts';
import { batchOf, RawClient } from '../support/raw-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { committedBy, endOf, RawTransactions, valuesOf } from '../support/transactional.ts';

const connect = ({ broker }: RunningBroker) => RawClient.connect(broker.ports.local!);
const withTopic = (client: RawClient, name = 't', numPartitions = 2) =>
  client.ask(createTopics, 3, {
    topics: [{ name, numPartitions, replicationFactor: 1 }],
    validateOnly: false,
  });

test('kafkajs: what is committed is read, what is aborted is not, and offsets go along', async () => {
  await using running = await startBroker();
  await using client = await connect(running);
  await withTopic(client);
  const kafka = new Kafka({ brokers: running.brokers, clientId: 'test', logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ transactionalId: 'orders', maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  try {
    for (const [value, isCommit] of [
      ['first', true],
      ['never', false],
      ['second', true],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 't', messages: [{ value, partition: 0 }] });
      await transaction.sendOffsets({
        consumerGroupId: 'g',
        topics: [{ topic: 't', partitions: [{ partition: 0, offset: isCommit ? '7' : '99' }] }],
      });
      await (isCommit ? transaction.commit() : transaction.abort());
    }
  } finally {
    await producer.disconnect();
  }
  expect(await valuesOf(client, 't')).toEqual(['first', 'second']);
  expect(await valuesOf(client, 't', { isolationLevel: 0 })).toEqual(['first', 'never', 'second']);
  expect(await committedBy(client, 'g', 't', true)).toBe(7);
  // Three records and three markers.
  expect(await endOf(client, 't')).toBe(6);
});

describe.each([
  ['version 1', false],
  ['version 2', true],
])('transactions of %s', (_, isV2) => {
  test('hold back read_committed readers until they end', async () => {
    await using running = await startBroker();
    await using client = await connect(running);
    await withTopic(client);
    const [one, two] = [new RawTransactions(client, 'one', isV2), new RawTransactions(client, 'two', isV2)];
    await one.init();
    await two.init();
    expect(await one.write('t', 0, 'a')).toBe('NONE');
    expect(await two.write('t', 0, 'b')).toBe('NONE');
    await client.produce('t', 0, batchOf([{ value: 'plain' }]));
    expect(await one.write('t', 0, 'c')).toBe('NONE');
    expect(await valuesOf(client, 't')).toEqual([]);
    expect(await valuesOf(client, 't', { isolationLevel: 0 })).toEqual(['a', 'b', 'plain', 'c']);
    expect(await endOf(client, 't')).toBe(0);
    expect(await endOf(client, 't', 0)).toBe(4);
    expect(await one.end(true)).toBe('NONE');
    expect(await valuesOf(client, 't')).toEqual(['a']);
    expect(await endOf(client, 't')).toBe(1);
    expect(await two.end(false)).toBe('NONE');
    expect(await valuesOf(client, 't')).toEqual(['a', 'plain', 'c']);
    // From the middle of what was aborted, too.
    expect(await valuesOf(client, 't', { fetchOffset: 1 })).toEqual(['plain', 'c']);
    expect(await one.write('t', 0, 'd')).toBe('NONE');
    expect(await one.end(true)).toBe('NONE');
    expect(await valuesOf(client, 't')).toEqual(['a', 'plain', 'c', 'd']);
  });

  test('end with the same answer when the request comes again, and otherwise only once', async () => {
    await using running = await startBroker();
    await using client = await connect(running);
    await withTopic(client);
    const producer = new RawTransactions(client, 'p', isV2);
    await producer.init();
    await producer.write('t', 0, 'a');
    const before = { producerId: producer.producerId, epoch: producer.epoch };
    expect(await producer.end(true)).toBe('NONE');
    const after = { producerId: producer.producerId, epoch: producer.epoch };
    expect(after.epoch).toBe(isV2 ? before.epoch + 1 : before.epoch);
    Object.assign(producer, before);
    expect(await producer.end(true)).toBe('NONE');
    expect({ producerId: producer.producerId, epoch: producer.epoch }).toEqual(after);
    Object.assign(producer, before);
    expect(await producer.end(false)).toBe('INVALID_TXN_STATE');
    Object.assign(producer, after);
    if (isV2) expect(await producer.end(true)).toBe('INVALID_TXN_STATE');
    expect(await valuesOf(client, 't')).toEqual(['a']);
  });

  test('are fenced by a newer producer of the same id, which aborts what was open', async () => {
    await using running = await startBroker();
    await using client = await connect(running);
    await withTopic(client);
    const [old, newer] = [new RawTransactions(client, 'p', isV2), new RawTransactions(client, 'p', isV2)];
    await old.init();
    await old.write('t', 0, 'old');
    expect(await newer.init()).toBe('NONE');
    expect(newer.producerId).toBe(old.producerId);
    expect(newer.epoch).toBe(old.epoch + 2);
    expect(await old.produce('t', 0, 'late')).toBe('INVALID_PRODUCER_EPOCH');
    expect(await old.produce('t', 1, 'late')).toBe('INVALID_PRODUCER_EPOCH');
    expect(await old.add('t', 1)).toBe('PRODUCER_FENCED');
    expect(await old.commitOffset('g', 't', 5)).toBe('INVALID_PRODUCER_EPOCH');
    expect(await old.end(true)).toBe('PRODUCER_FENCED');
    expect(await newer.write('t', 0, 'new')).toBe('NONE');
    expect(await newer.end(true)).toBe('NONE');
    expect(await valuesOf(client, 't')).toEqual(['new']);
  });

  test('hold offsets back, and drop them when they are aborted', async () => {
    await using running = await startBroker();
    await using client = await connect(running);
    await withTopic(client);
    const producer = new RawTransactions(client, 'p', isV2);
    await producer.init();
    for (const [offset, isCommit] of [
      [5, true],
      [8, false],
    ] as const) {
      if (!isV2) expect(await producer.addOffsets('g')).toBe('NONE');
      const before = await committedBy(client, 'g', 't');
      expect(await producer.commitOffset('g', 't', offset)).toBe('NONE');
      expect(await committedBy(client, 'g', 't')).toBe(before);
      expect(await committedBy(client, 'g', 't', true)).toBe('UNSTABLE_OFFSET_COMMIT');
      await producer.end(isCommit);
      expect(await committedBy(client, 'g', 't', true)).toBe(5);
    }
    if (!isV2) await producer.addOffsets('g');
    expect(await producer.commitOffset('g', 't', 9, { memberId: 'gone', generationIdOrMemberEpoch: 3 })).toBe(
      'UNKNOWN_MEMBER_ID',
    );
    expect(
      await producer.commitOffset('new', 't', 9, { memberId: 'gone', generationIdOrMemberEpoch: 3 }),
    ).toBe('ILLEGAL_GENERATION');
  });

  test('survive a restart: what is committed and aborted stays so, what is open can go on', async () => {
    const dataDir = temporaryDirectory();
    const producer = await (async () => {
      await using running = await startBroker({ dataDir });
      await using client = await connect(running);
      await withTopic(client);
      const before = new RawTransactions(client, 'p', isV2);
      await before.init();
      for (const isCommit of [true, false]) {
        await before.write('t', 0, `${isCommit}`);
        if (!isV2) await before.addOffsets('g');
        await before.commitOffset('g', 't', isCommit ? 1 : 2);
        await before.end(isCommit);
      }
      await before.write('t', 0, 'open');
      if (!isV2) await before.addOffsets('g');
      await before.commitOffset('g', 't', 3);
      return before;
    })();
    await using running = await startBroker({ dataDir });
    await using client = await connect(running);
    expect(await valuesOf(client, 't')).toEqual(['true']);
    expect(await committedBy(client, 'g', 't')).toBe(1);
    expect(await committedBy(client, 'g', 't', true)).toBe('UNSTABLE_OFFSET_COMMIT');
    const again = new RawTransactions(client, 'p', isV2);
    Object.assign(again, { producerId: producer.producerId, epoch: producer.epoch });
    expect(await again.end(true)).toBe('NONE');
    expect(await valuesOf(client, 't')).toEqual(['true', 'open']);
    expect(await committedBy(client, 'g', 't', true)).toBe(3);
    expect(await again.init()).toBe('NONE');
    expect(again.producerId).toBe(producer.producerId);
  });

  test('are aborted by the coordinator when they are open for too long', async () => {
    await using running = await startBroker({
      config: { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '20' },
    });
    await using client = await connect(running);
    await withTopic(client);
    const producer = new RawTransactions(client, 'p', isV2);
    expect(await producer.init(150)).toBe('NONE');
    await producer.write('t', 0, 'a');
    await expect.poll(() => endOf(client, 't'), { timeout: 5000 }).toBe(2);
    expect(await producer.produce('t', 0, 'late')).toBe('INVALID_PRODUCER_EPOCH');
    // In version 2 the coordinator takes it for the same end again, which was another one.
    expect(await producer.end(true)).toBe(isV2 ? 'INVALID_TXN_STATE' : 'PRODUCER_FENCED');
    expect(await valuesOf(client, 't')).toEqual([]);
  });
});

test('refuses timeouts beyond the limit, and ids that cannot be', async () => {
  await using running = await startBroker({ config: { 'transaction.max.timeout.ms': '1000' } });
  await using client = await connect(running);
  const producer = new RawTransactions(client, 'p');
  expect(await producer.init(1001)).toBe('INVALID_TRANSACTION_TIMEOUT');
  expect(await producer.init(0)).toBe('INVALID_TRANSACTION_TIMEOUT');
  expect(await new RawTransactions(client, '').init(10)).toBe('INVALID_REQUEST');
  expect(await producer.init(1000)).toBe('NONE');
});

test('goes on from a known epoch, also when the answer was lost, and not from an older one (KIP-360)', async () => {
  await using running = await startBroker();
  await using client = await connect(running);
  const init = async (producerId: number, producerEpoch: number) => {
    const answer = await client.ask(initProducerId, 4, {
      ...{ transactionalId: 'p', transactionTimeoutMs: 1000, producerId, producerEpoch },
    });
    return [kafkaErrorName(answer.errorCode), answer.producerEpoch];
  };
  expect(await init(-1, -1)).toEqual(['NONE', 0]);
  expect(await init(0, 0)).toEqual(['NONE', 1]);
  expect(await init(0, 0)).toEqual(['NONE', 1]);
  expect(await init(0, 1)).toEqual(['NONE', 2]);
  expect(await init(0, 0)).toEqual(['PRODUCER_FENCED', -1]);
  expect(await init(77, 2)).toEqual(['PRODUCER_FENCED', -1]);
  expect(await init(0, -1)).toEqual(['INVALID_REQUEST', -1]);
});

test('refuses batches of a transaction that does not have their partition', async () => {
  await using running = await startBroker();
  await using client = await connect(running);
  await withTopic(client);
  const producer = new RawTransactions(client, 'p');
  await producer.init();
  expect(await producer.produce('t', 0, 'a')).toBe('INVALID_TXN_STATE');
  expect(await producer.add('t', 1)).toBe('NONE');
  expect(await producer.produce('t', 0, 'a')).toBe('INVALID_TXN_STATE');
  expect(await producer.commitOffset('g', 't', 1)).toBe('INVALID_TXN_STATE');
  expect(await producer.add('nowhere', 0)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  expect(await producer.produce('t', 1, 'a')).toBe('NONE');
  const { producerId, epoch: producerEpoch } = producer;
  const outside = { producerId, producerEpoch, baseSequence: 1 };
  expect(kafkaErrorName((await client.produce('t', 1, batchOf([{}], outside))).errorCode)).toBe(
    'INVALID_TXN_STATE',
  );
  const anonymous = batchOf([{}], { ...outside, attributes: TRANSACTIONAL, producerId: 99 });
  expect(kafkaErrorName((await client.produce('t', 1, anonymous)).errorCode)).toBe('INVALID_TXN_STATE');
});

test('describes and lists transactions and producers, and ends one by hand', async () => {
  await using running = await startBroker();
  await using client = await connect(running);
  await withTopic(client);
  const found = await client.ask(findCoordinator, 4, { keyType: 1, coordinatorKeys: ['p'] });
  expect(found.coordinators).toMatchObject([{ key: 'p', errorCode: 0, nodeId: 1 }]);
  const [open, idle] = [
    new RawTransactions(client, 'open-1', true),
    new RawTransactions(client, 'idle-1', true),
  ];
  await open.init(9000);
  await idle.init();
  await open.write('t', 1, 'a', 'b');
  const { producerId, epoch: producerEpoch } = open;
  const described = await client.ask(describeTransactions, 0, { transactionalIds: ['open-1', 'none'] });
  expect(described.transactionStates).toMatchObject([
    {
      ...{ errorCode: 0, transactionState: 'Ongoing', transactionTimeoutMs: 9000, producerId, producerEpoch },
      topics: [{ topic: 't', partitions: [1] }],
    },
    { errorCode: 105, transactionalId: 'none' },
  ]);
  const listed = async (filter: { stateFilters?: string[]; transactionalIdPattern?: string | null }) => {
    const request = { stateFilters: [], producerIdFilters: [], ...filter };
    const { transactionStates, ...rest } = await client.ask(listTransactions, 2, request);
    return [transactionStates.map(({ transactionalId }) => transactionalId), rest.unknownStateFilters];
  };
  expect(await listed({})).toEqual([['open-1', 'idle-1'], []]);
  expect(await listed({ stateFilters: ['Ongoing', 'Odd'] })).toEqual([['open-1'], ['Odd']]);
  expect(await listed({ transactionalIdPattern: 'idle-.*' })).toEqual([['idle-1'], []]);
  expect(
    (
      await client.ask(listTransactions, 2, {
        stateFilters: [],
        producerIdFilters: [],
        transactionalIdPattern: '(',
      })
    ).errorCode,
  ).toBe(128);
  const producers = async () =>
    (await client.ask(describeProducers, 0, { topics: [{ name: 't', partitionIndexes: [1] }] })).topics[0]!
      .partitions[0]!.activeProducers;
  expect(await producers()).toMatchObject([
    { producerId, producerEpoch, lastSequence: 1, currentTxnStartOffset: 0, coordinatorEpoch: -1 },
  ]);
  const topics = [{ name: 't', partitionIndexes: [1] }];
  const marker = { producerId, producerEpoch, transactionResult: false, coordinatorEpoch: 0, topics };
  const ended = await client.ask(writeTxnMarkers, 1, { markers: [marker] });
  expect(ended.markers[0]!.topics[0]!.partitions).toEqual([{ partitionIndex: 1, errorCode: 0 }]);
  expect(await producers()).toMatchObject([{ currentTxnStartOffset: -1, coordinatorEpoch: 0 }]);
  expect(await valuesOf(client, 't', { partition: 1 })).toEqual([]);
});

test('a waiting read_committed fetch is not woken by what it may not see', async () => {
  await using running = await startBroker();
  await using client = await connect(running);
  await using reader = await connect(running);
  await withTopic(client);
  const producer = new RawTransactions(client, 'p', true);
  await producer.init();
  let isAnswered = false;
  const waiting = reader.fetch('t', 0, 0, { maxWaitMs: 10_000, isolationLevel: 1 }).then((answer) => {
    isAnswered = true;
    return answer;
  });
  for (let i = 0; i < 20; i++) await producer.write('t', 0, `${i}`);
  expect(isAnswered).toBe(false);
  await producer.end(true);
  expect((await waiting).records!.length).toBeGreaterThan(0);
});

test('records before the start of the log no longer hold readers back', async () => {
  await using running = await startBroker();
  await using client = await connect(running);
  await withTopic(client);
  const producer = new RawTransactions(client, 'p', true);
  await producer.init();
  await producer.write('t', 0, 'a', 'b');
  await client.ask(deleteRecords, 1, {
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, offset: 2 }] }],
    timeoutMs: 1000,
  });
  expect(await endOf(client, 't')).toBe(2);
  expect(await producer.end(true)).toBe('NONE');
  expect(await endOf(client, 't')).toBe(3);
});

test('compaction drops what was aborted, keeps what is open, and at last the markers go', async () => {
  const dataDir = temporaryDirectory();
  let now = Date.now();
  const clock = { now: () => now, monotonic: () => performance.now(), sleep: async () => undefined };
  const config = { 'log.cleaner.backoff.ms': '20' };
  const configs = [
    { name: 'cleanup.policy', value: 'compact' },
    { name: 'segment.bytes', value: '500' },
    { name: 'min.cleanable.dirty.ratio', value: '0.01' },
    { name: 'delete.retention.ms', value: '60000' },
  ];
  const markers = async (client: RawClient) => {
    let found = 0;
    for (let next = 0; ; ) {
      const { records, highWatermark } = await client.fetch('t', 0, next);
      for (const batch of batchesOf(records!)) {
        next = batch.nextOffset;
        if (batch.isControl) found++;
      }
      if (records!.length === 0 || next >= highWatermark) return found;
    }
  };
  {
    await using running = await startBroker({ dataDir, config, clock });
    await using client = await connect(running);
    const topics = [{ name: 't', numPartitions: 1, replicationFactor: 1, configs }];
    await client.ask(createTopics, 3, { topics, validateOnly: false });
    const producer = new RawTransactions(client, 'p', true);
    await producer.init();
    const other = new RawTransactions(client, 'q', true);
    await other.init();
    // One key for all: only the last value that counts stays.
    await producer.write('t', 0, 'committed');
    await producer.end(true);
    for (let i = 0; i < 8; i++) {
      await producer.write('t', 0, `aborted-${i}`);
      await producer.end(false);
    }
    await other.write('t', 0, 'open');
    for (let i = 0; i < 8; i++) {
      await producer.write('t', 0, `later-${i}`);
      await producer.end(true);
    }
    const seen = async () => (await valuesOf(client, 't', { isolationLevel: 0 })).join();
    await expect.poll(seen, { timeout: 5000 }).not.toMatch('aborted-0');
    // Nothing behind the open transaction was touched, and nothing there has taken the place of what is before it.
    expect(await valuesOf(client, 't')).toEqual(['committed']);
    expect(await seen()).toMatch('later-0');
    await other.end(true);
    await expect.poll(seen, { timeout: 5000 }).not.toMatch('committed');
    expect((await valuesOf(client, 't')).at(-1)).toBe('later-7');
  }
  {
    await using running = await startBroker({ dataDir, config, clock });
    await using client = await connect(running);
    expect((await valuesOf(client, 't')).at(-1)).toBe('later-7');
    expect(await markers(client)).toBeGreaterThan(10);
    now += 120_000;
    // Something dirty, so that it is compacted again, until what was the last segment is too.
    await expect
      .poll(
        async () => {
          await client.produce('t', 0, batchOf([{ value: 'plain', timestamp: now }]));
          now += 61_000;
          return markers(client);
        },
        { timeout: 5000 },
      )
      .toBe(0);
    expect((await valuesOf(client, 't')).at(-1)).toBe('plain');
  }
});
