/** Incremental fetch sessions (KIP-227). */
import { expect, test } from 'vitest';
import {
  createTopics,
  deleteTopics,
  fetch,
  kafkaErrorName,
  metadata,
} from '../../src/runtime/protocol/index.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { type RunningBroker, startBroker } from '../support/broker.ts';
import { batchOf, RawClient } from '../support/raw-client.ts';

interface Step {
  epoch: number;
  id?: number;
  /** Partition to fetch offset. */
  topics?: Record<string, Record<number, number>>;
  forgotten?: Record<string, number[]>;
  version?: number;
  maxWaitMs?: number;
  maxBytes?: number;
}

/** A client that fetches in sessions, by name (version 11) unless told otherwise. */
class SessionClient {
  readonly client: RawClient;
  id = 0;

  constructor(client: RawClient) {
    this.client = client;
  }

  /** What the answer says: `a/0: 2 of 3` for two records below the high watermark 3, or an error. */
  async fetch({
    epoch,
    id = this.id,
    topics = {},
    forgotten = {},
    version = 11,
    maxWaitMs = 0,
    maxBytes,
  }: Step) {
    const answer = await this.client.ask(fetch, version, {
      ...{ maxWaitMs, minBytes: 1, maxBytes: maxBytes ?? 1 << 20, sessionId: id, sessionEpoch: epoch },
      topics: Object.entries(topics).map(([topic, partitions]) => ({
        topic,
        topicId: topic,
        partitions: Object.entries(partitions).map(([partition, fetchOffset]) => ({
          ...{ partition: Number(partition), fetchOffset, partitionMaxBytes: 1 << 20 },
        })),
      })),
      forgottenTopicsData: Object.entries(forgotten).map(([topic, partitions]) => ({
        ...{ topic, topicId: topic, partitions },
      })),
    });
    if (answer.errorCode !== 0) return kafkaErrorName(answer.errorCode);
    this.id = answer.sessionId;
    return answer.responses.flatMap(({ topic, partitions }) =>
      partitions.map(({ partitionIndex, errorCode, records, highWatermark }) =>
        errorCode === 0
          ? `${topic}/${partitionIndex}: ${records!.length > 0 ? 'records' : 'none'} of ${highWatermark}`
          : `${topic}/${partitionIndex}: ${kafkaErrorName(errorCode)}`,
      ),
    );
  }
}

async function lab(running: RunningBroker, topics: Record<string, number>) {
  const client = await RawClient.connect(running.broker.ports.local!);
  await client.ask(createTopics, 3, {
    topics: Object.entries(topics).map(([name, numPartitions]) => ({
      name,
      numPartitions,
      replicationFactor: 1,
    })),
  });
  return { client, session: new SessionClient(client) };
}

test('after the first answer only what has changed comes, and only what changes is asked for', async () => {
  await using running = await startBroker();
  const { client, session } = await lab(running, { a: 2, b: 1 });
  await client.produce('a', 0, batchOf([{}, {}]));
  const all = { a: { 0: 0, 1: 0 }, b: { 0: 0 } };
  expect(await session.fetch({ epoch: 0, topics: all })).toEqual([
    'a/0: records of 2',
    'a/1: none of 0',
    'b/0: none of 0',
  ]);
  expect(session.id).toBeGreaterThan(0);
  // Until the client names another offset, the same records come again.
  expect(await session.fetch({ epoch: 1 })).toEqual(['a/0: records of 2']);
  expect(await session.fetch({ epoch: 2, topics: { a: { 0: 2 } } })).toEqual([]);
  await client.produce('b', 0, batchOf([{}]));
  expect(await session.fetch({ epoch: 3 })).toEqual(['b/0: records of 1']);
  // Forgotten, and one that is added.
  expect(await session.fetch({ epoch: 4, topics: { a: { 7: 0 } }, forgotten: { b: [0] } })).toEqual([
    'a/7: UNKNOWN_TOPIC_OR_PARTITION',
  ]);
  // An error is told until it passes or its partition is forgotten.
  expect(await session.fetch({ epoch: 5 })).toEqual(['a/7: UNKNOWN_TOPIC_OR_PARTITION']);
  expect(await session.fetch({ epoch: 6, forgotten: { a: [7] } })).toEqual([]);
  await client[Symbol.asyncDispose]();
});

test('epochs and ids that do not fit are refused; a session outlives its connection and not its end', async () => {
  await using running = await startBroker();
  const { client, session } = await lab(running, { a: 1 });
  await session.fetch({ epoch: 0, topics: { a: { 0: 0 } } });
  const { id } = session;
  expect(await session.fetch({ epoch: 2 })).toBe('INVALID_FETCH_SESSION_EPOCH');
  expect(await session.fetch({ epoch: 1, id: id === 1 ? 2 : 1 })).toBe('FETCH_SESSION_ID_NOT_FOUND');
  expect(await session.fetch({ epoch: 1, id: 0 })).toBe('FETCH_SESSION_ID_NOT_FOUND');
  expect(await session.fetch({ epoch: 1, version: 16 })).toBe('FETCH_SESSION_TOPIC_ID_ERROR');
  await client[Symbol.asyncDispose]();
  await using other = await RawClient.connect(running.broker.ports.local!);
  const again = new SessionClient(other);
  again.id = id;
  expect(await again.fetch({ epoch: 1 })).toEqual([]);
  // A full fetch that names a session ends it, and opens another.
  expect(await again.fetch({ epoch: 0, topics: { a: { 0: 0 } } })).toEqual(['a/0: none of 0']);
  expect(again.id).not.toBe(id);
  expect(await again.fetch({ epoch: 2, id })).toBe('FETCH_SESSION_ID_NOT_FOUND');
  const last = again.id;
  expect(await again.fetch({ epoch: -1, topics: { a: { 0: 0 } } })).toEqual(['a/0: none of 0']);
  expect(again.id).toBe(0);
  expect(await again.fetch({ epoch: 1, id: last })).toBe('FETCH_SESSION_ID_NOT_FOUND');
});

test('a session whose last partition is forgotten is gone', async () => {
  await using running = await startBroker();
  const { client, session } = await lab(running, { a: 1 });
  await session.fetch({ epoch: 0, topics: { a: { 0: 0 } } });
  const { id } = session;
  expect(await session.fetch({ epoch: 1, forgotten: { a: [0] } })).toEqual([]);
  expect(session.id).toBe(0);
  expect(await session.fetch({ epoch: 2, id })).toBe('FETCH_SESSION_ID_NOT_FOUND');
  await client[Symbol.asyncDispose]();
});

test('a fetch that waits in a session is woken by an append, and by a topic that is deleted', async () => {
  await using running = await startBroker();
  const { client, session } = await lab(running, { a: 1, b: 1 });
  await using producer = await RawClient.connect(running.broker.ports.local!);
  await session.fetch({ epoch: 0, topics: { a: { 0: 0 }, b: { 0: 0 } } });
  const woken = session.fetch({ epoch: 1, maxWaitMs: 10_000 });
  await producer.produce('b', 0, batchOf([{}]));
  expect(await woken).toEqual(['b/0: records of 1']);
  const deleted = session.fetch({ epoch: 2, topics: { b: { 0: 1 } }, maxWaitMs: 10_000 });
  await producer.ask(deleteTopics, 3, { topicNames: ['a'], timeoutMs: 100 });
  expect(await deleted).toEqual(['a/0: UNKNOWN_TOPIC_OR_PARTITION']);
  await client[Symbol.asyncDispose]();
});

test('what another connection asks for in the same session takes the turn of a fetch that waits', async () => {
  await using running = await startBroker();
  const { client, session } = await lab(running, { a: 1 });
  await using other = await RawClient.connect(running.broker.ports.local!);
  const twin = new SessionClient(other);
  await session.fetch({ epoch: 0, topics: { a: { 0: 0 } } });
  twin.id = session.id;
  const waiting = session.fetch({ epoch: 1, maxWaitMs: 10_000 });
  // Pipelined on the connection of the twin, and answered only once the first fetch has entered the session.
  let first: unknown = 'INVALID_FETCH_SESSION_EPOCH';
  while (first === 'INVALID_FETCH_SESSION_EPOCH') first = await twin.fetch({ epoch: 2 });
  expect(first).toEqual([]);
  await other.produce('a', 0, batchOf([{}]));
  expect(await waiting).toBe('INVALID_FETCH_SESSION_EPOCH');
  await client[Symbol.asyncDispose]();
});

test('partitions that gave records are read after the others, so that none starves', async () => {
  await using running = await startBroker();
  const { client, session } = await lab(running, { a: 3 });
  for (const partition of [0, 1, 2])
    await client.produce('a', partition, batchOf([{ value: 'x'.repeat(500) }]));
  // Room for one batch in each answer.
  const given: string[] = [];
  const first = await session.fetch({ epoch: 0, topics: { a: { 0: 0, 1: 0, 2: 0 } }, maxBytes: 600 });
  given.push(...(first as string[]).filter((line) => line.includes('records')));
  for (const epoch of [1, 2, 3, 4]) {
    given.push(...((await session.fetch({ epoch, maxBytes: 600 })) as string[]));
  }
  expect(given.map((line) => line.slice(0, 3))).toEqual(['a/0', 'a/0', 'a/1', 'a/2', 'a/0']);
  await client[Symbol.asyncDispose]();
});

test('sessions by topic id; a topic that is made anew is another one', async () => {
  await using running = await startBroker();
  const { client, session } = await lab(running, { a: 1 });
  const described = await client.ask(metadata, 12, { topics: [{ name: 'a' }] });
  const { topicId } = described.topics[0]!;
  expect(await session.fetch({ epoch: 0, topics: { [topicId]: { 0: 0 } }, version: 18 })).toEqual([
    '/0: none of 0',
  ]);
  await client.ask(deleteTopics, 3, { topicNames: ['a'], timeoutMs: 100 });
  await client.ask(createTopics, 3, { topics: [{ name: 'a', numPartitions: 1, replicationFactor: 1 }] });
  expect(await session.fetch({ epoch: 1, version: 18 })).toEqual(['/0: UNKNOWN_TOPIC_ID']);
  await client[Symbol.asyncDispose]();
});

test('there are as many sessions as there is room for; the unused and the small give way in time', async () => {
  let aheadMs = 0;
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs };
  const config = { 'max.incremental.fetch.session.cache.slots': '2' };
  await using running = await startBroker({ config, clock });
  const { client } = await lab(running, { a: 3 });
  const open = async (topics: Record<string, Record<number, number>>) => {
    const session = new SessionClient(client);
    await session.fetch({ epoch: 0, topics });
    return session;
  };
  const small = await open({ a: { 0: 0 } });
  const middle = await open({ a: { 0: 0, 1: 0 } });
  // No room: full answers, without a session.
  expect((await open({ a: { 0: 0, 1: 0, 2: 0 } })).id).toBe(0);
  aheadMs += 119_000;
  expect(await small.fetch({ epoch: 1 })).toEqual([]);
  expect(await middle.fetch({ epoch: 1 })).toEqual([]);
  aheadMs += 2_000;
  // Both are in use and not young: the smallest gives way to a larger one only.
  expect((await open({ a: { 0: 0 } })).id).toBe(0);
  const large = await open({ a: { 0: 0, 1: 0, 2: 0 } });
  expect(large.id).toBeGreaterThan(0);
  expect(await small.fetch({ epoch: 2 })).toBe('FETCH_SESSION_ID_NOT_FOUND');
  expect(await middle.fetch({ epoch: 2 })).toEqual([]);
  aheadMs += 119_000;
  expect(await large.fetch({ epoch: 1 })).toEqual([]);
  aheadMs += 2_000;
  // Unused for two minutes: gives way to anyone.
  expect((await open({ a: { 0: 0 } })).id).toBeGreaterThan(0);
  expect(await middle.fetch({ epoch: 3 })).toBe('FETCH_SESSION_ID_NOT_FOUND');
  await client[Symbol.asyncDispose]();
});
