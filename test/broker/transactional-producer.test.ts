import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createKafka, isFenced, isPartitionsLost, type Kafka } from '../../src/runtime/kafka/index.ts';
import { endTxn, produce, updateFeatures } from '../../src/runtime/protocol/index.ts';
import { randomFrom } from '../protocol/generate.ts';
import { type RunningBroker, startBroker } from '../support/broker.ts';
import { RawClient } from '../support/raw-client.ts';
import { steadyPort } from '../support/steady-port.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { endOf } from '../support/transactional.ts';

const bytes = (text: string) => Buffer.from(text);

async function open(running: Pick<RunningBroker, 'brokers'>): Promise<Kafka & AsyncDisposable> {
  const kafka = createKafka({ brokers: running.brokers, clientId: 'test' });
  await kafka.admin().createTopics([{ name: 't', partitions: 3 }]);
  return { ...kafka, [Symbol.asyncDispose]: () => kafka.close() };
}

/** What a read_committed reader sees of all partitions, in no order. */
async function committedValues(kafka: Kafka, topic = 't'): Promise<string[]> {
  const { partitions } = (await kafka.admin().describeTopics([topic]))[0]!;
  const numbers = partitions.map(({ partition }) => ({ topic, partition }));
  const ends = await kafka.admin().offsets(numbers, 'latest');
  const fetcher = kafka.fetcher({ maxWaitMs: 50 });
  const left = new Map(numbers.map(({ partition }, i) => [partition, ends[i]!] as const));
  for (const [partition, end] of left) end > 0 ? fetcher.seek(topic, partition, 0) : left.delete(partition);
  const values: string[] = [];
  while (left.size > 0) {
    for (const { partition, records, nextOffset } of (await fetcher.poll(1000)).partitions) {
      while (records.next()) values.push(records.value()!.toString());
      if (nextOffset >= left.get(partition)!) left.delete(partition);
    }
  }
  await fetcher.close();
  return values.sort();
}

/** Takes the cluster back to transactions v1, as one of Kafka 3 has them. */
async function downgrade({ broker }: RunningBroker): Promise<void> {
  await using client = await RawClient.connect(broker.ports.local!);
  const update = { feature: 'transaction.version', maxVersionLevel: 0, upgradeType: 2 };
  const answer = await client.ask(updateFeatures, 2, { featureUpdates: [update], validateOnly: false });
  expect(answer.errorCode).toBe(0);
}

test('an abort waits for a partition that is being added, and may follow one that was refused', async () => {
  await using running = await startBroker();
  await downgrade(running);
  await using kafka = await open(running);
  const producer = kafka.producer({ transactionalId: 'p', lingerMs: 0 });
  await producer.start();
  const { faults } = running.broker;
  const add = (error: 'CONCURRENT_TRANSACTIONS' | 'TOPIC_AUTHORIZATION_FAILED') =>
    faults.add({ api: 'AddPartitionsToTxn', times: 1, action: { kind: 'error', error } });

  add('CONCURRENT_TRANSACTIONS');
  producer.begin();
  producer.append('t', 0, null, bytes('a'), 1, null, 0);
  await expect.poll(() => faults.list()[0]!.hits, { interval: 1 }).toBe(1);
  await producer.abort();

  add('TOPIC_AUTHORIZATION_FAILED');
  producer.begin();
  producer.append('t', 0, null, bytes('b'), 1, null, 0);
  await expect(producer.commit()).rejects.toMatchObject({ code: 'DDS_NOT_ALLOWED' });
  await producer.abort();

  producer.begin();
  producer.append('t', 0, null, bytes('c'), 1, null, 0);
  await producer.commit();
  await producer.close();
  expect(await committedValues(kafka)).toEqual(['c']);
});

describe.each([
  ['version 1', false],
  ['version 2', true],
])('a transactional producer on a cluster with transactions of %s', (_, isV2) => {
  const start = async () => {
    const running = await startBroker();
    if (!isV2) await downgrade(running);
    return running;
  };

  test('commits and aborts records of many partitions, and offsets with them', async () => {
    await using running = await start();
    await using kafka = await open(running);
    const producer = kafka.producer({ transactionalId: 'p' });
    await producer.start();
    const kept: string[] = [];
    for (let round = 0; round < 6; round++) {
      const isCommit = round % 3 !== 1;
      producer.begin();
      for (let i = 0; i < 300; i++) {
        const value = `${round}-${i}`;
        producer.append('t', i % 3, null, bytes(value), Date.now(), null, i);
        if (isCommit) kept.push(value);
      }
      await producer.sendOffsets('g', [
        { topic: 't', partition: 0, offset: round, metadata: `round ${round}` },
      ]);
      await (isCommit ? producer.commit() : producer.abort());
      const committed = await kafka.admin().committed('g', [{ topic: 't', partition: 0 }]);
      expect(committed).toEqual([isCommit ? round : round - 1]);
    }
    expect(await committedValues(kafka)).toEqual(kept.sort());
  });

  test('asks nobody for a transaction that has nothing in it', async () => {
    await using running = await start();
    await using kafka = await open(running);
    const producer = kafka.producer({ transactionalId: 'p' });
    await producer.start();
    for (const how of ['commit', 'abort', 'commit'] as const) {
      producer.begin();
      await producer[how]();
      expect(producer.inTransaction).toBe(false);
    }
    expect(await kafka.admin().offsets([{ topic: 't', partition: 0 }], 'latest')).toEqual([0]);
  });

  test('is fenced by a newer one, and says so at every step', async () => {
    await using running = await start();
    await using kafka = await open(running);
    const old = kafka.producer({ transactionalId: 'p', lingerMs: 0 });
    await old.start();
    old.begin();
    old.append('t', 0, null, bytes('old'), Date.now(), null, 0);
    await old.flush();
    const newer = kafka.producer({ transactionalId: 'p' });
    await newer.start();
    await expect(old.commit()).rejects.toMatchObject({ code: 'DDS_FENCED' });
    await expect(old.abort()).rejects.toMatchObject({ code: 'DDS_FENCED' });
    expect(() => old.begin()).toThrow(expect.objectContaining({ code: 'DDS_FENCED' }));
    newer.begin();
    newer.append('t', 0, null, bytes('new'), Date.now(), null, 0);
    await newer.commit();
    // In the midst of producing, too.
    const third = kafka.producer({ transactionalId: 'p' });
    newer.begin();
    newer.append('t', 0, null, bytes('late'), Date.now(), null, 0);
    await newer.flush();
    await third.start();
    newer.append('t', 0, null, bytes('later'), Date.now(), null, 0);
    const late = await newer.flush().catch((error: unknown) => error);
    expect(isFenced(late)).toBe(true);
    expect(() => newer.append('t', 0, null, null, 0, null, 0)).toThrow('outside of a transaction');
    expect(await committedValues(kafka)).toEqual(['new']);
  });

  test('can only abort after a batch was refused, and goes on after that', async () => {
    await using running = await start();
    await using kafka = await open(running);
    const reports: string[] = [];
    const producer = kafka.producer({
      ...{ transactionalId: 'p', lingerMs: 0 },
      onBatch: ({ error, count }) => reports.push(`${count} ${error === null}`),
    });
    await kafka
      .admin()
      .createTopics([{ name: 'narrow', partitions: 1, configs: { 'max.message.bytes': '300' } }]);
    await producer.start();
    await producer.partitionCount('narrow');
    producer.begin();
    producer.append('t', 0, null, bytes('with it'), Date.now(), null, 0);
    producer.append('narrow', 0, null, Buffer.alloc(1000), Date.now(), null, 0);
    await expect(producer.commit()).rejects.toMatchObject({ details: { kafka: 'MESSAGE_TOO_LARGE' } });
    await expect(producer.commit()).rejects.toMatchObject({ details: { kafka: 'MESSAGE_TOO_LARGE' } });
    await producer.abort();
    expect(reports.sort()).toEqual(['1 false', '1 true']);
    for (const value of ['a', 'b']) {
      producer.begin();
      producer.append('t', 0, null, bytes(value), Date.now(), null, 0);
      producer.append('narrow', 0, null, bytes(value), Date.now(), null, 0);
      await producer.commit();
    }
    expect(await committedValues(kafka)).toEqual(['a', 'b']);
    expect(await committedValues(kafka, 'narrow')).toEqual(['a', 'b']);
  });

  test('commits offsets of a member only while the group counts it in', async () => {
    await using running = await start();
    await using kafka = await open(running);
    const assignor = {
      name: 'all',
      userData: () => Buffer.alloc(0),
      assign: async (members: readonly { memberId: string }[]) =>
        new Map(members.map(({ memberId }, i) => [memberId, { partitions: [{ topic: 't', partition: i }] }])),
    };
    const membership = kafka.group({ groupId: 'g', topics: ['t'], assignor });
    const member = await membership.join(AbortSignal.timeout(5000));
    const producer = kafka.producer({ transactionalId: 'p' });
    await producer.start();
    producer.begin();
    await producer.sendOffsets('g', [{ topic: 't', partition: 0, offset: 3 }], member);
    await producer.commit();
    expect(await membership.committed([{ topic: 't', partition: 0 }])).toMatchObject([{ offset: 3 }]);
    producer.begin();
    const stale = { memberId: member.memberId, id: member.id - 1 };
    const refused = await producer
      .sendOffsets('g', [{ topic: 't', partition: 0, offset: 4 }], stale)
      .catch((error: unknown) => error);
    expect(isPartitionsLost(refused)).toBe(true);
    await expect(producer.commit()).rejects.toBe(refused);
    await producer.abort();
    expect(await membership.committed([{ topic: 't', partition: 0 }])).toMatchObject([{ offset: 3 }]);
    await membership.leave();
  });
});

test('nothing outside of a transaction', async () => {
  await using running = await startBroker();
  await using kafka = await open(running);
  const producer = kafka.producer({ transactionalId: 'p' });
  expect(() => producer.begin()).toThrow('before start()');
  await producer.start();
  expect(() => producer.append('t', 0, null, null, 0, null, 0)).toThrow('outside of a transaction');
  await expect(producer.commit()).rejects.toThrow('outside of a transaction');
  await expect(producer.abort()).rejects.toThrow('outside of a transaction');
  await expect(producer.sendOffsets('g', [{ topic: 't', partition: 0, offset: 1 }])).rejects.toThrow(
    'outside',
  );
  producer.begin();
  expect(() => producer.begin()).toThrow('within a transaction');
  const wrong = kafka.producer({ transactionalId: 'q', transactionTimeoutMs: 2 ** 30 });
  await expect(wrong.start()).rejects.toMatchObject({ details: { kafka: 'INVALID_TRANSACTION_TIMEOUT' } });
});

test('speaks version 2 where the cluster has it, and 1 where not', async () => {
  const versions = async (isV2: boolean) => {
    await using running = await startBroker();
    if (!isV2) await downgrade(running);
    await using client = await RawClient.connect(running.broker.ports.local!);
    await using kafka = await open(running);
    const producer = kafka.producer({ transactionalId: 'p' });
    await producer.start();
    const epochs: number[] = [];
    for (let i = 0; i < 3; i++) {
      producer.begin();
      producer.append('t', 0, null, bytes('v'), Date.now(), null, 0);
      await producer.commit();
      // The end repeated with the epoch that it was asked with: version 2 takes it for the same one.
      const again = { transactionalId: 'p', producerId: 0, producerEpoch: i, committed: true };
      epochs.push((await client.ask(endTxn, 5, again)).producerEpoch);
    }
    return epochs;
  };
  expect(produce.maxVersion).toBeGreaterThan(11);
  expect(await versions(true)).toEqual([1, 2, 3]);
  expect(await versions(false)).toEqual([-1, -1, -1]);
});

/** Each takes a start of the broker, a second and more on a busy machine. */
const KILLS = 8;
const brokerProcess = fileURLToPath(new URL('../support/broker-process.ts', import.meta.url));

async function startProcess(dataDir: string, port: number) {
  const child = spawn(process.execPath, [brokerProcess, dataDir, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return {
    async kill() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

test('SIGKILL of the broker at any moment: read_committed sees exactly what was committed, and nothing hangs', async () => {
  const dataDir = temporaryDirectory();
  const port = await steadyPort();
  let broker = await startProcess(dataDir, port);
  try {
    const kafka = createKafka({ brokers: [`127.0.0.1:${port}`], clientId: 'test', requestTimeoutMs: 10_000 });
    await using _ = { [Symbol.asyncDispose]: () => kafka.close() };
    await kafka.admin().createTopics([{ name: 't', partitions: 3 }]);
    const producer = kafka.producer({ transactionalId: 'p', lingerMs: 0 });
    await producer.start();
    const random = randomFrom(20_261_125);
    const kept: string[] = [];
    let lastOffset = -1;
    let round = 0;
    for (let kills = 0; kills < KILLS; kills++) {
      // In the midst of whatever is under way then.
      const restarted = (async () => {
        await setTimeout(random() * 60);
        await broker.kill();
        broker = await startProcess(dataDir, port);
      })();
      let isBack = false;
      void restarted.then(() => {
        isBack = true;
      });
      for (const until = round + 10; !isBack || round < until; round++) {
        const isCommit = random() < 0.7;
        producer.begin();
        const values = Array.from({ length: 1 + Math.floor(random() * 30) }, (_, i) => `${round}-${i}`);
        for (const [i, value] of values.entries())
          producer.append('t', i % 3, null, bytes(value), Date.now(), null, i);
        await producer.sendOffsets('g', [{ topic: 't', partition: 0, offset: round }]);
        await (isCommit ? producer.commit() : producer.abort());
        if (isCommit) kept.push(...values);
        if (isCommit) lastOffset = round;
      }
      await restarted;
    }
    expect(await committedValues(kafka)).toEqual(kept.sort());
    expect(await kafka.admin().committed('g', [{ topic: 't', partition: 0 }])).toEqual([lastOffset]);
    // Nothing is open: what can be read and what is written end at the same place.
    await using client = await RawClient.connect(port);
    expect(await endOf(client, 't', 1)).toBe(await endOf(client, 't', 0));
    process.stdout.write(`${round} transactions, ${kept.length} records committed, ${KILLS} kills\n`);
  } finally {
    await broker.kill();
  }
}, 60_000);
