import { expect, test } from 'vitest';
import { BrokerState } from '../../../src/runtime/broker/state/broker-state.ts';
import type { ByteFile, Directory } from '../../../src/runtime/broker/storage/interface.ts';
import { memoryDirectory } from '../../../src/runtime/broker/storage/memory.ts';
import { TRANSACTIONAL, writeAssignment, writeSubscription } from '../../../src/runtime/protocol/index.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { silentLogger } from '../../../src/shared/logger.ts';
import { batchOf } from '../../support/raw-client.ts';

/** A disk with trouble in one directory: of its files only what was synced survives a loss of power, and it can be full. */
class BadDisk {
  readonly #synced = new Map<ByteFile, number>();
  readonly #bad: string;
  /** So many appends find no space. */
  refusals = 0;
  bytesRead = 0;

  constructor(bad: string) {
    this.#bad = bad;
  }

  over(directory: Directory): Directory {
    return {
      path: directory.path,
      room: () => directory.room(),
      list: () => directory.list(),
      directory: (name) => this.over(directory.directory(name)),
      open: (name) => this.#file(directory, name),
      read: (name) => directory.read(name),
      replace: (name, bytes) => directory.replace(name, bytes),
      rename: (from, to) => directory.rename(from, to),
      remove: (name) => directory.remove(name),
    };
  }

  #file(directory: Directory, name: string): ByteFile {
    const file = directory.open(name);
    if (!directory.path.endsWith(this.#bad)) return file;
    this.#synced.set(file, file.size);
    return {
      get size() {
        return file.size;
      },
      append: (chunks) => {
        if (this.refusals-- > 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        file.append(chunks);
      },
      read: (position, length) => {
        this.bytesRead += length;
        return file.read(position, length);
      },
      truncate: (size) => file.truncate(size),
      sync: () => {
        const { size } = file;
        return file.sync().then(() => void this.#synced.set(file, size));
      },
      close: () => file.close(),
    };
  }

  loseWhatWasNotSynced(): void {
    for (const [file, size] of this.#synced) if (file.size > size) file.truncate(size);
  }
}

const stateOn = (root: Directory): BrokerState => {
  const state = new BrokerState({
    ...{ nodeIds: [1], root, fsync: 'always', configs: {}, clock: systemClock, log: silentLogger },
  });
  state.load();
  return state;
};

/** A transaction with one record in t-0, ready to be ended. */
async function begun({ topics, transactions }: BrokerState) {
  const log = topics.create('t', 1).partitions[0]!;
  const { producerId, epoch } = await transactions.init('p', 60_000, null);
  const producer = { transactionalId: 'p', producerId, epoch };
  expect(transactions.add(producer, [{ topic: 't', partition: 0 }])).toBe('NONE');
  const options = { attributes: TRANSACTIONAL, producerId, producerEpoch: epoch, baseSequence: 0 };
  expect(log.append(batchOf([{}], options), Date.now(), Date.now(), () => null).ok).toBe(true);
  await log.log.sync();
  return producer;
}

test('with fsync, a transaction that was told to be committed is committed after a loss of power', async () => {
  const memory = memoryDirectory();
  const disk = new BadDisk('t-0');
  const state = stateOn(disk.over(memory));
  const producer = await begun(state);
  expect(await state.transactions.end(producer, true, false)).toMatchObject({ error: 'NONE' });
  disk.loseWhatWasNotSynced();

  const after = stateOn(memory).topics.partition('t', 0)!;
  expect(after.producers.aborted.all).toEqual([]);
  expect(after.lastStableOffset).toBe(after.highWatermark);
});

test('what was appended before a roll and synced after it survives a loss of power', async () => {
  const memory = memoryDirectory();
  const disk = new BadDisk('t-0');
  const log = stateOn(disk.over(memory)).topics.create('t', 1).partitions[0]!;
  log.append(batchOf([{}]), Date.now());
  log.roll();
  log.append(batchOf([{}]), Date.now());
  await log.log.sync();
  disk.loseWhatWasNotSynced();
  const after = stateOn(memory).topics.partition('t', 0)!.log;
  expect(Array.from(after.batches(0), ({ baseOffset }) => baseOffset)).toEqual([0, 1]);
});

test('a commit whose marker finds no space, before a restart and at it, stays a commit', async () => {
  const memory = memoryDirectory();
  const disk = new BadDisk('t-0');
  const before = stateOn(disk.over(memory));
  const producer = await begun(before);
  disk.refusals = 2;
  expect(await before.transactions.end(producer, true, false)).toMatchObject({ error: 'NONE' });

  const after = stateOn(disk.over(memory));
  const log = after.topics.partition('t', 0)!;
  expect(log.lastStableOffset).toBe(0);
  after.retryStorage();
  await expect.poll(() => after.transactions.get('p')!.state).toBe('CompleteCommit');
  expect(log.producers.aborted.all).toEqual([]);
  expect(log.lastStableOffset).toBe(2);
});

test('after a clean stop a log is not read, whoever wrote to it', () => {
  const disk = new BadDisk('t-0');
  const root = disk.over(memoryDirectory());
  const before = stateOn(root);
  const log = before.topics.create('t', 1).partitions[0]!;
  for (let i = 0; i < 100; i++) log.append(batchOf([{ value: 'x'.repeat(10_000) }]), Date.now());
  before.close();
  disk.bytesRead = 0;
  expect(stateOn(root).topics.partition('t', 0)!.highWatermark).toBe(100);
  expect(disk.bytesRead).toBeLessThan(500_000);
});

test('a transaction that is still ending when the broker stops changes nothing after it, and ends at the next start', async () => {
  const memory = memoryDirectory();
  const before = stateOn(memory);
  const producer = await begun(before);
  const ending = before.transactions.end(producer, true, false);
  before.close();
  await ending;

  const after = stateOn(memory);
  expect(after.topics.all().map(({ name }) => name)).toEqual(['t', '__transaction_state']);
  const log = after.topics.partition('t', 0)!;
  await expect.poll(() => after.transactions.get('p')!.state).toBe('CompleteCommit');
  expect(log.producers.aborted.all).toEqual([]);
  expect(log.lastStableOffset).toBe(2);
});

test('a group that went back to the classic protocol while the disk was full is not there twice after a restart', async () => {
  const memory = memoryDirectory();
  const disk = new BadDisk('__consumer_offsets-0');
  const before = stateOn(disk.over(memory));
  const { groups, topics } = before;
  topics.create('t', 1);
  const client = { clientId: 'c', clientHost: 'h', groupInstanceId: null };
  const { memberId, generationId } = await groups.join('g', {
    ...{ ...client, memberId: '', requireKnownId: false, canSkipAssignment: true },
    ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'consumer' },
    protocols: [{ name: 'range', metadata: writeSubscription(['t'], null) }],
  });
  const assignment = writeAssignment([{ topic: 't', partition: 0 }], Buffer.alloc(0));
  await groups.sync('g', {
    ...{ memberId, groupInstanceId: null, generationId, protocolType: 'consumer', protocolName: 'range' },
    assignments: [{ memberId, assignment }],
  });
  const beat = (memberEpoch: number) =>
    groups.consumerHeartbeat('g', {
      ...{ memberId: 'new', instanceId: null, rackId: null, clientId: 'c', clientHost: 'h', memberEpoch },
      ...{ rebalanceTimeoutMs: 10_000, subscribedTopicNames: ['t'], subscribedTopicRegex: null },
      ...{ serverAssignor: null, owned: new Map() },
    }).error;
  expect(beat(0)).toBe('NONE');
  disk.refusals = 2;
  expect(beat(-1)).toBe('NONE');
  expect(groups.leave('g', memberId, null)).toBe('NONE');
  before.retryStorage();

  const after = stateOn(memory).groups;
  expect([after.get('g')?.state, after.consumers.get('g')]).toEqual(['Empty', undefined]);
});
