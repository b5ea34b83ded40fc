import { expect, test } from 'vitest';
import { createKafka, type Kafka } from '../../../src/runtime/kafka/index.ts';
import { t } from '../../../src/runtime/streams/index.ts';
import { sourceHeader } from '../../../src/runtime/streams/run/live-task.ts';
import { restoreStores } from '../../../src/runtime/streams/run/restore.ts';
import { KeyValueStore } from '../../../src/runtime/streams/stores/key-value-store.ts';
import { startBroker } from '../../support/broker.ts';
import { eventually } from '../../support/lab.ts';

const never = new AbortController().signal;
type Change = [key: string, value: string | null, readTo: number];

/** Restores a store from a changelog that has these changes, after `prepare`. */
async function restored(
  changes: readonly Change[],
  committed: number,
  prepare: (kafka: Kafka) => Promise<unknown> = async () => undefined,
  { written = [], configs = {} }: { written?: string[]; configs?: Record<string, string> } = {},
) {
  await using broker = await startBroker({ config: { 'log.cleaner.backoff.ms': '50' } });
  const kafka = createKafka({ brokers: broker.brokers, clientId: 'test' });
  await kafka.admin().createTopics([{ name: 'log', partitions: 1, configs }]);
  const producer = kafka.producer();
  await producer.start();
  for (const [key, value, readTo] of changes) {
    const headers = [{ key: sourceHeader, value: Buffer.from(JSON.stringify({ in: readTo })) }];
    const bytes = value === null ? null : Buffer.from(value);
    producer.append('log', 0, Buffer.from(key), bytes, Date.now(), headers, 0);
    // Batches small enough for several segments.
    if (changes.length > 100) await producer.flush();
  }
  await producer.close();
  await prepare(kafka);
  const serdes = { key: t.string as never, value: t.string as never };
  const spec = {
    name: 's',
    kind: 'key-value',
    ...serdes,
    logged: true,
    retentionMs: 0,
    windowMs: 0,
  } as const;
  const store = new KeyValueStore(spec, null);
  const positions = new Map([['in', committed]]);
  try {
    await restoreStores(kafka, new Map([['log', store]]), 0, positions, never, { written });
  } finally {
    await kafka.close();
  }
  return Object.fromEntries([...store.entries()].map(({ key, value }) => [key, value]));
}

test('what goes beyond the committed position is left out: its work is done again', async () => {
  const changes: Change[] = [
    ['a', '1', 3],
    ['b', '1', 10],
    ['a', '2', 11],
    ['b', null, 12],
    ['c', '1', 10],
  ];
  expect(await restored(changes, 10)).toEqual({ a: '1', b: '1', c: '1' });
  expect(await restored(changes, 12)).toEqual({ a: '2', c: '1' });
});

test('a changelog that has nothing, or nothing any more, does not keep a task waiting', async () => {
  expect(await restored([], 0)).toEqual({});
  const all: Change[] = [
    ['a', '1', 1],
    ['b', '1', 2],
    ['c', '1', 3],
  ];
  const before = (offset: number) => (kafka: Kafka) =>
    kafka.admin().deleteRecords([{ topic: 'log', partition: 0, offset }]);
  expect(await restored(all, 3, before(2))).toEqual({ c: '1' });
  expect(await restored(all, 3, before(-1), { written: ['log'] })).toEqual({});
});

test('a changelog that had rows and is new was deleted', async () => {
  await expect(restored([], 3, undefined, { written: ['log'] })).rejects.toMatchObject({
    code: 'DDS_STREAMS_STATE',
  });
});

/** A transaction on the changelog with a row; it ends as it is told, or not at all. */
const transaction = (end: 'commit' | 'abort' | null, key: string) => async (kafka: Kafka) => {
  const producer = kafka.producer({ transactionalId: 'p', transactionTimeoutMs: 60_000 });
  await producer.start();
  producer.begin();
  producer.append('log', 0, Buffer.from(key), Buffer.from('1'), Date.now(), null, 0);
  await producer.flush();
  if (end) await producer[end]();
  return producer;
};

test('a changelog that ends in a marker, or has nothing else, is read to its end', async () => {
  const rows: Change[] = [['a', '1', 1]];
  expect(await restored(rows, 1, transaction('commit', 'b'))).toEqual({ a: '1', b: '1' });
  expect(await restored(rows, 1, transaction('abort', 'b'))).toEqual({ a: '1' });
  expect(await restored([], 1, transaction('abort', 'b'))).toEqual({});
  const nothingButMarkers = async (kafka: Kafka) => {
    await transaction('commit', 'a')(kafka);
    await kafka.admin().deleteRecords([{ topic: 'log', partition: 0, offset: 1 }]);
  };
  expect(await restored([], 1, nothingButMarkers)).toEqual({});
});

test('a transaction that is open is waited for: it may still be committed', async () => {
  const ends: Promise<void>[] = [];
  const openFor = (end: 'commit' | 'abort') => async (kafka: Kafka) => {
    const producer = await transaction(null, 'b')(kafka);
    // While the changelog is read.
    const reading = Promise.withResolvers<void>();
    const { fetcher } = kafka;
    kafka.fetcher = (options) => {
      reading.resolve();
      return fetcher(options);
    };
    ends.push(reading.promise.then(() => producer[end]()));
  };
  expect(await restored([['a', '1', 1]], 1, openFor('commit'))).toEqual({ a: '1', b: '1' });
  expect(await restored([['a', '1', 1]], 1, openFor('abort'))).toEqual({ a: '1' });
  await Promise.all(ends);
});

test('a changelog that was compacted to gaps is read to its end', async () => {
  const changes = Array.from({ length: 300 }, (_, i): Change => [`k${i % 3}`, `${i}`, 1]);
  const untilCompacted = async (kafka: Kafka) => {
    await transaction('commit', 'k0')(kafka);
    await eventually('the compaction', async () => {
      const fetcher = kafka.fetcher();
      fetcher.seek('log', 0, 0);
      let count = 0;
      for (let next = 0; next < 302; ) {
        for (const { records, nextOffset } of (await fetcher.poll(500)).partitions) {
          while (records.next()) count++;
          next = nextOffset;
        }
      }
      await fetcher.close();
      return count < 200;
    });
  };
  const configs = {
    ...{ 'cleanup.policy': 'compact', 'segment.bytes': '2000', 'min.cleanable.dirty.ratio': '0.01' },
  };
  expect(await restored(changes, 1, untilCompacted, { configs })).toEqual({ k0: '1', k1: '298', k2: '299' });
});
