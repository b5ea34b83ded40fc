import { expect, test } from 'vitest';
import { createKafka, type Kafka } from '../../../src/runtime/kafka/index.ts';
import { t } from '../../../src/runtime/streams/index.ts';
import { sourceHeader } from '../../../src/runtime/streams/run/live-task.ts';
import { restoreStores } from '../../../src/runtime/streams/run/restore.ts';
import { KeyValueStore } from '../../../src/runtime/streams/stores/key-value-store.ts';
import { startBroker } from '../../support/broker.ts';

const never = new AbortController().signal;
type Change = [key: string, value: string | null, readTo: number];

/** Restores a store from a changelog that has these changes, after `prepare`. */
async function restored(
  changes: readonly Change[],
  committed: number,
  prepare: (kafka: Kafka) => Promise<unknown> = async () => undefined,
  written: string[] = [],
) {
  await using broker = await startBroker();
  const kafka = createKafka({ brokers: broker.brokers, clientId: 'test' });
  await kafka.admin().createTopics([{ name: 'log', partitions: 1 }]);
  const producer = kafka.producer();
  await producer.start();
  for (const [key, value, readTo] of changes) {
    const headers = [{ key: sourceHeader, value: Buffer.from(JSON.stringify({ in: readTo })) }];
    producer.append('log', 0, Buffer.from(key), value === null ? null : Buffer.from(value), 1, headers, 0);
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
  expect(await restored(all, 3, before(-1), ['log'])).toEqual({});
});

test('a changelog that had rows and is new was deleted', async () => {
  await expect(restored([], 3, undefined, ['log'])).rejects.toMatchObject({ code: 'DDS_STREAMS_STATE' });
});
