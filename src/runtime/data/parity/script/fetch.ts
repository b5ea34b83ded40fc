import {
  deleteRecords,
  fetch,
  listOffsets,
  NIL_UUID,
  offsetForLeaderEpoch,
  produce,
} from '../../../protocol/index.ts';
import type { Session } from '../session.ts';
import { batch, fromPartition, toPartition } from './records.ts';

/** Reading: from any offset, by time, after a deletion. */
export async function fetchScript(session: Session): Promise<void> {
  const id = await session.topic('fetch', 2);
  const name = session.name('fetch');
  for (const [index, compression] of (['none', 'gzip', 'zstd'] as const).entries()) {
    const records = batch(session, { values: ['a', 'b', 'c'], compression, atMs: index * 10_000 });
    await session.ask(`fetch: fill with ${compression}`, produce, toPartition(name, id, records));
  }
  const from = (what: string, offset: number, spec: object = {}) =>
    session.ask(`fetch: ${what}`, fetch, fromPartition(name, id, offset, spec));
  await session.askInAll('fetch: from the start', fetch, fromPartition(name, id, 0));
  await session.askInAll('fetch: from the middle of a batch', fetch, fromPartition(name, id, 4));
  await session.askInAll('fetch: at the end', fetch, fromPartition(name, id, 9, { minBytes: 1 }));
  await session.askInAll('fetch: behind the end', fetch, fromPartition(name, id, 10));
  await from('before the start', -5);
  await from('an unknown partition', 0, { partition: 9 });
  await from('of a leader epoch to come', 0, { currentLeaderEpoch: 5 });
  await from('of the leader epoch', 0, { currentLeaderEpoch: 0 });
  await from('one byte of a partition', 0, { partitionMaxBytes: 1 });
  await from('one byte in all', 0, { maxBytes: 1 });
  await from('a batch and a little', 0, { partitionMaxBytes: 120 });
  await from('no bytes of a partition', 0, { partitionMaxBytes: 0 });
  await from('more than there is, for a while', 0, { minBytes: 100_000, maxWaitMs: 200 });
  await from('committed records', 0, { isolationLevel: 1 });
  const latestByName = session
    .versions(fetch)
    .filter((version) => version < 13)
    .at(-1);
  await session.ask('fetch: an unknown topic by name', fetch, fromPartition(session.name('unknown'), id, 0), {
    version: latestByName,
    patient: false,
  });
  await session.ask(
    'fetch: an unknown topic by id',
    fetch,
    fromPartition(name, '11111111-2222-3333-4444-555555555555', 0),
    { patient: false },
  );
  await session.ask('fetch: nothing at all', fetch, {
    maxWaitMs: 0,
    minBytes: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [],
  });
  await session.ask('fetch: a divergent epoch', fetch, {
    ...fromPartition(name, id, 0),
    topics: [
      {
        topic: name,
        topicId: id,
        partitions: [{ partition: 0, fetchOffset: 3, partitionMaxBytes: 1000, lastFetchedEpoch: 0 }],
      },
    ],
  });
  await sessions(session, name, id);
  await offsets(session, name);
}

/** KIP-227. */
async function sessions(session: Session, name: string, id: string): Promise<void> {
  const connection = await session.connect();
  const version = session.versions(fetch).at(-1)!;
  const step = async (what: string, body: ReturnType<typeof fromPartition>) => {
    const answer = await connection.requestIn(fetch, version, body);
    session.keep(`fetch: in a session, ${what}`, fetch, version, answer);
    return answer;
  };
  const { sessionId } = await step('open', fromPartition(name, id, 0, { sessionEpoch: 0 }));
  const unchanged = { ...fromPartition(name, id, 0, { sessionId, sessionEpoch: 1 }), topics: [] };
  await step('what has changed', unchanged);
  await step('the wrong epoch', { ...unchanged, sessionEpoch: 9 });
  await step('one that is not there', { ...unchanged, sessionId: 123_456_789, sessionEpoch: 1 });
  await step('close', { ...unchanged, sessionId, sessionEpoch: -1 });
}

async function offsets(session: Session, name: string): Promise<void> {
  const list = (what: string, timestamp: number, rest: object = {}, topic = name) =>
    session.askInAll(`offsets: ${what}`, listOffsets, {
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp, ...rest }] }],
      timeoutMs: 1_000,
    });
  for (const [timestamp, what] of [
    [-1, 'latest'],
    [-2, 'earliest'],
    [-3, 'of the latest time'],
    [-4, 'earliest that is local'],
    [-5, 'latest that is tiered'],
    [-6, 'earliest that is to be uploaded'],
    [-7, 'of an unknown time'],
  ] as const) {
    await list(what, timestamp);
  }
  const first = session.startedAt - 60_000;
  await list('of the first time', first);
  await list('of a time before all', first - 1_000);
  await list('of a time in between', first + 10_500);
  await list('of a time after all', first + 3_000_000);
  await list('of a leader epoch to come', -1, { currentLeaderEpoch: 5 });
  await list('of an unknown partition', -1, { partitionIndex: 9 });
  await list('of an unknown topic', -1, {}, session.name('unknown'));
  await session.ask('offsets: of a partition twice', listOffsets, {
    topics: [
      {
        name,
        partitions: [
          { partitionIndex: 0, timestamp: -1 },
          { partitionIndex: 0, timestamp: -2 },
        ],
      },
    ],
  });

  const epoch = (what: string, leaderEpoch: number, rest: object = {}) =>
    session.askInAll(`offsets: end of ${what}`, offsetForLeaderEpoch, {
      replicaId: -1,
      topics: [{ topic: name, partitions: [{ partition: 0, leaderEpoch, ...rest }] }],
    });
  await epoch('epoch 0', 0);
  await epoch('an epoch to come', 7);
  await epoch('epoch -1', -1);
  await epoch('an epoch, asked in one to come', 0, { currentLeaderEpoch: 7 });
  await epoch('an epoch of an unknown partition', 0, { partition: 9 });

  const remove = (what: string, offset: number, rest: object = {}) =>
    session.ask(`offsets: delete ${what}`, deleteRecords, {
      topics: [{ name, partitions: [{ partitionIndex: 0, offset, ...rest }] }],
      timeoutMs: 2_000,
    });
  await remove('before the middle of a batch', 4);
  await list('earliest after a deletion', -2);
  await remove('before what is deleted', 2);
  await remove('behind the end', 100);
  await remove('below -1', -2);
  await remove('in an unknown partition', 0, { partitionIndex: 9 });
  await session.ask('fetch: what is deleted', fetch, fromPartition(name, NIL_UUID, 0), {
    version: session
      .versions(fetch)
      .filter((version) => version < 13)
      .at(-1),
  });
  await remove('all', -1);
  await session.askInAll('offsets: delete in every version', deleteRecords, {
    topics: [{ name, partitions: [{ partitionIndex: 1, offset: -1 }] }],
    timeoutMs: 2_000,
  });
  await list('latest after all is deleted', -1);
  await list('of the latest time after all is deleted', -3);
}
