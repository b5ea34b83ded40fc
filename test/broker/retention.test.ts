import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  batchesOf,
  createTopics,
  deleteRecords,
  kafkaErrorName,
  RecordWalker,
} from '../../src/runtime/protocol/index.ts';
import { startBroker } from '../support/broker.ts';
import { batchOf, RawClient } from '../support/raw-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const quick = { 'log.retention.check.interval.ms': '10', 'log.cleaner.backoff.ms': '10' };

async function withTopic(client: RawClient, configs: Record<string, string>): Promise<void> {
  const entries = Object.entries(configs).map(([name, value]) => ({ name, value }));
  const topics = [{ name: 't', numPartitions: 1, replicationFactor: 1, configs: entries }];
  const answer = await client.ask(createTopics, 3, { topics, validateOnly: false });
  expect(answer.topics[0]!.errorMessage).toBe(null);
}

/** Offset, key and value of all that can be read. */
async function readAll(client: RawClient): Promise<[number, string, string | null][]> {
  const all: [number, string, string | null][] = [];
  let next = await client.startOf('t');
  for (;;) {
    const { records } = await client.fetch('t', 0, next);
    const walker = new RecordWalker(records!, { fromOffset: next });
    while (walker.next()) {
      all.push([walker.offset, walker.key()!.toString(), walker.value()?.toString() ?? null]);
    }
    if (records!.length === 0) return all;
    // Compaction may have taken a batch's last records: the batch still says where it ended.
    for (const batch of batchesOf(records!)) next = batch.nextOffset;
  }
}

test('old segments go by size', async () => {
  await using running = await startBroker({ config: quick });
  await using client = await RawClient.connect(running.broker.ports.local!);
  const value = 'x'.repeat(400);
  await withTopic(client, { 'segment.bytes': '1000', 'retention.bytes': '3000' });
  for (let i = 0; i < 20; i++) await client.produce('t', 0, batchOf([{ value }]));
  // Two batches a segment; as in Kafka a segment goes when what is left still has retention.bytes.
  await expect.poll(() => client.startOf('t')).toBe(12);
  expect((await readAll(client)).map(([offset]) => offset)).toEqual([12, 13, 14, 15, 16, 17, 18, 19]);
  expect(kafkaErrorName((await client.fetch('t', 0, 11)).errorCode)).toBe('OFFSET_OUT_OF_RANGE');
  expect(running.broker.info().bytes).toBeGreaterThanOrEqual(3000);
});

test('old segments go by the time of their youngest record, the last one too; offsets go on', async () => {
  const dataDir = temporaryDirectory();
  {
    await using running = await startBroker({ dataDir, config: quick });
    await using client = await RawClient.connect(running.broker.ports.local!);
    // A batch a segment: how far the deleting has come between two of them makes no difference.
    await withTopic(client, { 'segment.bytes': '100', 'retention.ms': '60000' });
    const old = Date.now() - 120_000;
    for (let i = 0; i < 8; i++)
      await client.produce('t', 0, batchOf([{ timestamp: i < 5 ? old : Date.now() }]));
    await expect.poll(() => client.startOf('t'), { timeout: 10_000 }).toBe(5);
    expect((await readAll(client)).at(-1)![0]).toBe(7);
  }
  {
    await using running = await startBroker({ dataDir, config: quick });
    await using client = await RawClient.connect(running.broker.ports.local!);
    expect(await client.startOf('t')).toBe(5);
    expect((await client.produce('t', 0, batchOf([{ timestamp: 1000 }]))).baseOffset).toBe(8);
  }
  const later = {
    now: () => Date.now() + 3_600_000,
    monotonic: () => performance.now(),
    sleep: async () => undefined,
  };
  await using running = await startBroker({ dataDir, config: quick, clock: later });
  await using client = await RawClient.connect(running.broker.ports.local!);
  await expect.poll(() => client.startOf('t')).toBe(9);
  expect(running.broker.info().bytes).toBe(0);
  expect((await client.produce('t', 0, batchOf([{}]))).baseOffset).toBe(9);
});

test('DeleteRecords hides what is before, also after a restart', async () => {
  const dataDir = temporaryDirectory();
  {
    await using running = await startBroker({ dataDir });
    await using client = await RawClient.connect(running.broker.ports.local!);
    await withTopic(client, { 'segment.bytes': '300' });
    for (let i = 0; i < 9; i++) await client.produce('t', 0, batchOf([{}]));
    const before = async (offset: number) => {
      const topics = [{ name: 't', partitions: [{ partitionIndex: 0, offset }] }];
      return (await client.ask(deleteRecords, 1, { topics, timeoutMs: 100 })).topics[0]!.partitions[0]!;
    };
    expect(await before(5)).toMatchObject({ errorCode: 0, lowWatermark: 5 });
    expect(kafkaErrorName((await before(10)).errorCode)).toBe('OFFSET_OUT_OF_RANGE');
  }
  await using running = await startBroker({ dataDir });
  await using client = await RawClient.connect(running.broker.ports.local!);
  expect(await client.startOf('t')).toBe(5);
  expect(readdirSync(path.join(dataDir, 't-0'))).not.toContain(`${'0'.repeat(20)}.log`);
});

const compacted = {
  'cleanup.policy': 'compact',
  'segment.bytes': '2000',
  'min.cleanable.dirty.ratio': '0.01',
  'delete.retention.ms': '3600000',
};

test.for(['none', 'zstd'] as const)(
  'compaction keeps the latest of each key, offsets and tombstones (%s)',
  async (compression) => {
    let now = Date.now();
    const clock = { now: () => now, monotonic: () => performance.now(), sleep: async () => undefined };
    const dataDir = temporaryDirectory();
    const expected = new Map<string, string | null>();
    const fill = async (client: RawClient, from: number, to: number) => {
      for (let i = from; i < to; i++) {
        const records = [`a${i % 7}`, `b${i % 5}`, 'same'].map((key) => ({
          key,
          value: `${key}-${i}-${'x'.repeat(30)}`,
          timestamp: now,
        }));
        await client.produce('t', 0, batchOf(records, { compression }));
        for (const { key, value } of records) expected.set(key, value);
      }
    };
    const state = (all: [number, string, string | null][]) =>
      new Map(all.map(([, key, value]) => [key, value]));
    const live = () => new Map([...expected].filter(([, value]) => value !== null));
    {
      await using running = await startBroker({ dataDir, config: quick, clock });
      await using client = await RawClient.connect(running.broker.ports.local!);
      await withTopic(client, compacted);
      await fill(client, 0, 100);
      await client.produce('t', 0, batchOf([{ key: 'a3', value: null, timestamp: now }], { compression }));
      expected.set('a3', null);
      // Makes the segment with the tombstone a closed one.
      for (let i = 0; i < 30; i++)
        await client.produce('t', 0, batchOf([{ key: 'filler', value: `${i}`.repeat(40), timestamp: now }]));
      expected.set('filler', '29'.repeat(40));
      // 331 were produced; the active segment is never compacted.
      await expect.poll(async () => (await readAll(client)).length, { timeout: 5000 }).toBeLessThan(100);
      // The tombstone has offset 300: its time runs from the compaction that met it.
      const checkpoint = path.join(dataDir, 't-0', 'cleaner-checkpoint');
      const cleanTo = () =>
        (JSON.parse(readFileSync(checkpoint, 'utf8')) as { offset: number }[]).at(-1)!.offset;
      await expect.poll(cleanTo, { timeout: 5000 }).toBeGreaterThan(300);
      const all = await readAll(client);
      expect(state(all)).toEqual(expected);
      expect(all.map(([offset]) => offset)).toEqual(all.map(([offset]) => offset).sort((a, b) => a - b));
      expect((await client.produce('t', 0, batchOf([{ timestamp: now }]))).baseOffset).toBe(331);
      expected.set('k', 'v');
      expect(all.some(([, key, value]) => key === 'a3' && value === null)).toBe(true);
    }
    await using running = await startBroker({ dataDir, config: quick, clock });
    await using client = await RawClient.connect(running.broker.ports.local!);
    expect(state(await readAll(client))).toEqual(expected);
    // The tombstone has been kept long enough; the next compaction drops it.
    now += 7_200_000;
    for (let i = 0; i < 60; i++)
      await client.produce('t', 0, batchOf([{ key: 'filler', value: `${i}`.repeat(40), timestamp: now }]));
    expected.set('filler', '59'.repeat(40));
    await expect
      .poll(async () => (await readAll(client)).some(([, key]) => key === 'a3'), { timeout: 5000 })
      .toBe(false);
    expect(state(await readAll(client))).toEqual(live());
  },
);

test('records younger than min.compaction.lag.ms are not compacted', async () => {
  await using running = await startBroker({ config: quick });
  await using client = await RawClient.connect(running.broker.ports.local!);
  await withTopic(client, { ...compacted, 'min.compaction.lag.ms': '3600000' });
  const old = Date.now() - 7_200_000;
  for (let i = 0; i < 60; i++) {
    await client.produce(
      't',
      0,
      batchOf([{ key: 'k', value: 'x'.repeat(100), timestamp: i < 30 ? old : Date.now() }]),
    );
  }
  await expect.poll(async () => (await readAll(client)).length, { timeout: 5000 }).toBeLessThan(50);
  const all = await readAll(client);
  expect(all.filter(([offset]) => offset >= 30)).toHaveLength(30);
});

test('a compaction that a crash cut short is dropped, or completed once it was decided', async () => {
  const dataDir = temporaryDirectory();
  const directory = path.join(dataDir, 't-0');
  const logs = () => readdirSync(directory).filter((name) => name.endsWith('.log'));
  {
    await using running = await startBroker({ dataDir });
    await using client = await RawClient.connect(running.broker.ports.local!);
    await withTopic(client, { 'segment.bytes': '300' });
    for (let i = 0; i < 12; i++) await client.produce('t', 0, batchOf([{ key: `k${i}` }]));
  }
  const [first, second, third] = logs().map((name) => name.slice(0, 20));
  writeFileSync(path.join(directory, `${first}.cleaned`), 'half a batc');
  {
    await using running = await startBroker({ dataDir });
    await using client = await RawClient.connect(running.broker.ports.local!);
    expect(await readAll(client)).toHaveLength(12);
  }
  expect(readdirSync(directory).some((name) => name.endsWith('.cleaned'))).toBe(false);
  // Decided: the second segment alone stands for the first two now.
  renameSync(path.join(directory, `${second}.log`), path.join(directory, `${first}-${third}.swap`));
  await using running = await startBroker({ dataDir });
  await using client = await RawClient.connect(running.broker.ports.local!);
  const offsets = (await readAll(client)).map(([offset]) => offset);
  expect(offsets[0]).toBe(Number(second));
  expect(offsets.at(-1)).toBe(11);
  expect(logs()[0]).toBe(`${first}.log`);
});

test('an interval longer than a timer can wait is not none at all', async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error) => warnings.push(name);
  process.on('warning', note);
  try {
    const weeks = String(60 * 86_400_000);
    await using running = await startBroker({
      config: { 'log.retention.check.interval.ms': weeks, 'log.cleaner.backoff.ms': weeks },
    });
    await using client = await RawClient.connect(running.broker.ports.local!);
    await client.ask(createTopics, 3, { topics: [], validateOnly: false });
  } finally {
    process.off('warning', note);
  }
  expect(warnings).toEqual([]);
});
