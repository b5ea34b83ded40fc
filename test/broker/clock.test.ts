import { expect, test } from 'vitest';
import {
  createTopics,
  heartbeat,
  joinGroup,
  kafkaErrorName,
  listOffsets,
  offsetCommit,
  offsetFetch,
  RecordBatch,
  RecordWalker,
  syncGroup,
} from '../../src/runtime/protocol/index.ts';
import { type Clock, systemClock } from '../../src/shared/clock.ts';
import { startBroker } from '../support/broker.ts';
import { eventually } from '../support/lab.ts';
import { batchOf, RawClient } from '../support/raw-client.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const HOUR_MS = 3_600_000;
const SESSION_MS = 1000;

async function member(client: RawClient, groupId: string) {
  const join = (memberId: string) =>
    client.ask(joinGroup, 5, {
      groupId,
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: 5000,
      memberId,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.from('m') }],
    });
  const { memberId } = await join('');
  const { generationId } = await join(memberId);
  const assignments = [{ memberId, assignment: Buffer.from('a') }];
  const synced = await client.ask(syncGroup, 3, { groupId, generationId, memberId, assignments });
  expect(kafkaErrorName(synced.errorCode)).toBe('NONE');
  return { memberId, generationId };
}

test('a clock set back by an hour under load: no record is refused, lost or deleted, no session ends', async () => {
  let offsetMs = 0;
  const clock: Clock = { ...systemClock, now: () => Date.now() + offsetMs };
  const { log, lines } = recordingLogger();
  const dataDir = temporaryDirectory();
  const config = { 'log.retention.check.interval.ms': '50', 'group.initial.rebalance.delay.ms': '0' };
  const acknowledged = new Map<number, string>();
  const commitOf = (offset: number) => ({
    groupId: 'g',
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: offset }] }],
  });
  let setBackAt = 0;
  {
    await using running = await startBroker({ dataDir, clock, log, config });
    const port = running.broker.ports.local!;
    await using client = await RawClient.connect(port);
    const configs = [
      { name: 'message.timestamp.after.max.ms', value: '60000' },
      { name: 'retention.ms', value: String(2 * HOUR_MS) },
      { name: 'segment.bytes', value: '20000' },
    ];
    const stamped = [...configs, { name: 'message.timestamp.type', value: 'LogAppendTime' }];
    await client.ask(createTopics, 3, {
      topics: [
        { name: 't', numPartitions: 1, replicationFactor: 1, configs },
        { name: 'stamped', numPartitions: 1, replicationFactor: 1, configs: stamped },
      ],
      validateOnly: false,
    });
    await using consumer = await RawClient.connect(port);
    const { memberId, generationId } = await member(consumer, 'g');
    const beat = async () => {
      const answer = await consumer.ask(heartbeat, 3, { groupId: 'g', generationId, memberId });
      expect(kafkaErrorName(answer.errorCode)).toBe('NONE');
    };
    let isOver = false;
    // Producers of another machine, whose clock stays right.
    const produceOn = async (name: string) => {
      await using producer = await RawClient.connect(port);
      for (let i = 0; !isOver; i++) {
        const value = `${name}-${i}-${'x'.repeat(100)}`;
        const answer = await producer.produce('t', 0, batchOf([{ value, timestamp: Date.now() }]));
        expect(kafkaErrorName(answer.errorCode)).toBe('NONE');
        acknowledged.set(answer.baseOffset, value);
        const { errorCode } = await producer.produce('stamped', 0, batchOf([{ value }]));
        expect(kafkaErrorName(errorCode)).toBe('NONE');
        if (i % 10 === 0) await beat();
      }
    };
    const load = ['a', 'b', 'c'].map(produceOn);
    await eventually('load', () => acknowledged.size > 100);
    const beforeMs = clock.now();
    await eventually('more load', () => acknowledged.size > 200);
    offsetMs = -HOUR_MS;
    setBackAt = acknowledged.size;
    const until = performance.now() + 1.5 * SESSION_MS;
    await eventually('more load', () => performance.now() > until && acknowledged.size > setBackAt + 200);
    isOver = true;
    await Promise.all(load);
    await beat();
    const committed = await consumer.ask(offsetCommit, 6, {
      ...commitOf(setBackAt),
      generationIdOrMemberEpoch: generationId,
      memberId,
    });
    expect(committed.topics[0]!.partitions[0]!.errorCode).toBe(0);
    // The broker stamps what its clock shows, and finds both sides of the step by time.
    const firstAt = async (timestamp: number) => {
      const { topics } = await client.ask(listOffsets, 2, {
        replicaId: -1,
        isolationLevel: 0,
        topics: [{ name: 'stamped', partitions: [{ partitionIndex: 0, timestamp }] }],
      });
      return topics[0]!.partitions[0]!.offset;
    };
    expect(await firstAt(beforeMs - HOUR_MS)).toBe(0);
    const found = await firstAt(beforeMs);
    const { records, highWatermark } = await client.fetch('stamped', 0, found);
    const first = new RecordBatch(records!);
    expect(first.baseOffset).toBe(found);
    expect(first.maxTimestamp).toBeGreaterThanOrEqual(beforeMs);
    const last = await client.fetch('stamped', 0, highWatermark - 1);
    expect(new RecordBatch(last.records!).maxTimestamp).toBeLessThan(beforeMs - HOUR_MS / 2);
  }
  // A start while the clock is still wrong.
  await using running = await startBroker({ dataDir, clock, log, config });
  await using client = await RawClient.connect(running.broker.ports.local!);
  let next = 0;
  while (next < acknowledged.size) {
    const { records } = await client.fetch('t', 0, next);
    const walker = new RecordWalker(records!, { fromOffset: next });
    while (walker.next()) expect(walker.value()!.toString()).toBe(acknowledged.get(next++));
  }
  const fetched = await client.ask(offsetFetch, 5, {
    groupId: 'g',
    topics: [{ name: 't', partitionIndexes: [0] }],
  });
  expect(fetched.topics[0]!.partitions[0]!.committedOffset).toBe(setBackAt);
  expect(lines.filter(({ message }) => message === 'old segments deleted')).toEqual([]);
  expect(lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  // Retention goes by the clock: when it is right again, and later, what is old goes.
  offsetMs = 3 * HOUR_MS;
  await eventually('retention', async () => (await client.startOf('t')) === next);
});
