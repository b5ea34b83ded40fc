import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  codeOf,
  createTopics,
  deleteTopics,
  initProducerId,
  kafkaErrorName,
  metadata,
  offsetCommit,
  offsetFetch,
  RecordWalker,
} from '../../src/runtime/protocol/index.ts';
import { startBroker } from '../support/broker.ts';
import { eventually } from '../support/lab.ts';
import { batchOf, RawClient } from '../support/raw-client.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { smallDisk } from '../support/small-disk.ts';

const brokerProcess = fileURLToPath(new URL('../support/broker-process.ts', import.meta.url));
const skipped = 'a small file system cannot be mounted here: that needs Linux and root';

const create = (client: RawClient, name: string) =>
  client.ask(createTopics, 3, {
    topics: [{ name, numPartitions: 2, replicationFactor: 1 }],
    validateOnly: false,
  });

const commit = async (client: RawClient, topic: string, offset: number) => {
  const { topics } = await client.ask(offsetCommit, 6, {
    groupId: 'g',
    generationIdOrMemberEpoch: -1,
    memberId: '',
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset: offset }] }],
  });
  return kafkaErrorName(topics[0]!.partitions[0]!.errorCode);
};

async function valuesOf(client: RawClient, topic: string): Promise<string[]> {
  const values: string[] = [];
  for (let next = 0; ; ) {
    const { records, highWatermark } = await client.fetch(topic, 0, next, { maxBytes: 4 << 20 });
    const walker = new RecordWalker(records!, { fromOffset: next });
    while (walker.next()) {
      expect(walker.offset).toBe(next++);
      values.push(walker.value()!.toString());
    }
    if (next >= highWatermark) return values;
  }
}

test('on a full disk clients are told to try again; with space all goes on, nothing acknowledged is missing', async (context) => {
  using disk = smallDisk(24);
  if (!disk) return context.skip(skipped);
  const dataDir = path.join(disk.path, 'data');
  const { log, lines } = recordingLogger();
  const acknowledged: string[] = [];
  {
    await using running = await startBroker({
      dataDir,
      log,
      config: { 'log.segment.bytes': String(2 << 20) },
    });
    const { broker } = running;
    await using client = await RawClient.connect(broker.ports.local!);
    await create(client, 't');
    await create(client, 'victim');
    expect(await commit(client, 't', 1)).toBe('NONE');
    const { producerId } = await client.ask(initProducerId, 1, {
      transactionalId: null,
      transactionTimeoutMs: 0,
    });
    let sequence = 0;
    const send = async (bytes: number) => {
      const value = `${sequence}-${'x'.repeat(bytes)}`;
      const batch = batchOf([{ value }], { producerId, producerEpoch: 0, baseSequence: sequence });
      const { errorCode } = await client.produce('t', 0, batch);
      if (errorCode === 0) {
        acknowledged.push(value);
        sequence++;
      }
      return kafkaErrorName(errorCode);
    };
    for (let i = 0; i < 20; i++) expect(await send(1000)).toBe('NONE');
    for (const round of [1, 2]) {
      // Some room, so that a batch is cut in the middle.
      disk.fill(150_000);
      while ((await send(100_000)) === 'NONE');
      expect(await send(100_000)).toBe('KAFKA_STORAGE_ERROR');
      expect(broker.info().trouble).toBe('cannot write: no space left on the disk');
      const told = () => lines.filter(({ message }) => message.startsWith('cannot write')).length;
      const before = told();
      for (let i = 0; i < 50; i++) expect(await send(100_000)).toBe('KAFKA_STORAGE_ERROR');
      expect(told()).toBe(before);
      // Not a byte is left.
      disk.free();
      disk.fill();
      while ((await send(500)) === 'NONE');
      // Nothing breaks of what would write besides; what is there is served.
      expect((await create(client, `new-${round}`)).topics[0]!.errorCode).toBe(codeOf('KAFKA_STORAGE_ERROR'));
      const asked = await client.ask(metadata, 5, {
        topics: [{ name: `auto-${round}` }],
        allowAutoTopicCreation: true,
      });
      expect(kafkaErrorName(asked.topics[0]!.errorCode)).toBe('LEADER_NOT_AVAILABLE');
      while ((await commit(client, 't', 2)) === 'NONE');
      expect(await commit(client, 't', 2)).toBe('NOT_COORDINATOR');
      expect(await valuesOf(client, 't')).toEqual(acknowledged);
      // Space comes back: nobody has to do anything.
      disk.free();
      await eventually('writing again', () => broker.info().trouble === null);
      expect(await send(100_000)).toBe('NONE');
      expect(await commit(client, 't', 10 + round)).toBe('NONE');
      expect((await create(client, `new-${round}`)).topics[0]!.errorCode).toBe(0);
    }
    // A deletion makes room by itself.
    for (let i = 0; i < 6; i++)
      expect((await client.produce('victim', 0, batchOf([{ value: 'v'.repeat(900_000) }]))).errorCode).toBe(
        0,
      );
    disk.fill();
    while ((await send(500)) === 'NONE');
    const { responses } = await client.ask(deleteTopics, 3, { topicNames: ['victim'], timeoutMs: 1000 });
    expect(responses[0]!.errorCode).toBe(0);
    await eventually('writing again', () => broker.info().trouble === null);
    expect(await send(100)).toBe('NONE');
    // A stop and a start on a full disk.
    disk.fill();
    while ((await send(500)) === 'NONE');
  }
  expect(lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual(
    lines.filter(({ level }) => level === 'error').map(() => 'cannot write: no space left on the disk'),
  );
  {
    await using running = await startBroker({ dataDir, log });
    await using client = await RawClient.connect(running.broker.ports.local!);
    expect(await valuesOf(client, 't')).toEqual(acknowledged);
    const { errorCode } = await client.produce('t', 0, batchOf([{ value: 'y'.repeat(20_000) }]));
    expect(kafkaErrorName(errorCode)).toBe('KAFKA_STORAGE_ERROR');
    disk.free();
    await eventually('writing again', () => running.broker.info().trouble === null);
    expect((await client.produce('t', 0, batchOf([{ value: 'last' }]))).errorCode).toBe(0);
    acknowledged.push('last');
    expect(running.broker.info().damageCount).toBe(0);
  }
  await using running = await startBroker({ dataDir });
  await using client = await RawClient.connect(running.broker.ports.local!);
  expect(await valuesOf(client, 't')).toEqual(acknowledged);
  const { topics } = await client.ask(offsetFetch, 5, {
    groupId: 'g',
    topics: [{ name: 't', partitionIndexes: [0] }],
  });
  expect(topics[0]!.partitions[0]!.committedOffset).toBe(12);
  const names = readdirSync(dataDir);
  expect(names.filter((name) => /\.tmp$|victim|probe/.test(name))).toEqual([]);
});

test('a broker that is killed on a full disk starts there, and has all that it acknowledged', async (context) => {
  using disk = smallDisk(12);
  if (!disk) return context.skip(skipped);
  const dataDir = path.join(disk.path, 'data');
  const acknowledged: string[] = [];
  const child: ChildProcess = spawn(process.execPath, [brokerProcess, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    await using client = await RawClient.connect(Number(line));
    await create(client, 't');
    disk.fill(1_000_000);
    for (let i = 0; ; i++) {
      const value = `${i}-${'x'.repeat(1000 + (i % 7) * 3000)}`;
      const { errorCode } = await client.produce('t', 0, batchOf([{ value }]));
      if (errorCode !== 0) break;
      acknowledged.push(value);
    }
    expect(acknowledged.length).toBeGreaterThan(50);
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  } finally {
    child.kill('SIGKILL');
  }
  await using running = await startBroker({ dataDir });
  await using client = await RawClient.connect(running.broker.ports.local!);
  expect(await valuesOf(client, 't')).toEqual(acknowledged);
  disk.free();
  expect((await client.produce('t', 0, batchOf([{}]))).errorCode).toBe(0);
});
