import {
  deleteRecords,
  fetch,
  listOffsets,
  NIL_UUID,
  offsetForLeaderEpoch,
  produce,
  type RequestInput,
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
  const versions = session.versions(fetch).filter((version) => version >= 7);
  const latest = versions.at(-1)!;
  type Body = ReturnType<typeof fromPartition>;
  const step = async (
    what: string,
    body: Body & { forgottenTopicsData?: RequestInput<typeof fetch>['forgottenTopicsData'] },
    version = latest,
  ) => {
    const answer = await connection.requestIn(fetch, version, body);
    session.keep(`fetch: in a session, ${what}`, fetch, version, answer);
    return answer;
  };
  const none = (sessionId: number, sessionEpoch: number) => ({
    ...fromPartition(name, id, 0, { sessionId, sessionEpoch }),
    topics: [],
  });
  const forget = (sessionId: number, sessionEpoch: number, partitions: number[]) => ({
    ...none(sessionId, sessionEpoch),
    forgottenTopicsData: [{ topic: name, topicId: id, partitions }],
  });
  for (const version of versions) {
    const opened = await step('open', fromPartition(name, id, 0, { sessionEpoch: 0 }), version);
    const { sessionId } = opened;
    await step('the same again', none(sessionId, 1), version);
    await step('from the end', fromPartition(name, id, 9, { sessionId, sessionEpoch: 2 }), version);
    await step('nothing has changed', none(sessionId, 3), version);
    const added = fromPartition(name, id, 0, { partition: 1, sessionId, sessionEpoch: 4 });
    await step('one that is added', added, version);
    await step('one is forgotten', forget(sessionId, 5, [1]), version);
    await step('close', none(sessionId, -1), version);
  }
  const { sessionId } = await step('open another', fromPartition(name, id, 9, { sessionEpoch: 0 }));
  const ask = (sessionEpoch: number, partition: number, offset: number) =>
    fromPartition(name, id, offset, { partition, sessionId, sessionEpoch });
  await step('the wrong epoch', none(sessionId, 9));
  await step('the epoch before', none(sessionId, -7));
  await step('one that is not there', none(123_456_789, 1));
  await step('without an id', none(0, 1));
  const byName = versions.filter((version) => version < 13).at(-1);
  if (byName !== undefined && latest >= 13)
    await step('by name where ids are used', none(sessionId, 1), byName);
  await step('an unknown partition', ask(1, 9, 0));
  await step('the unknown partition again', none(sessionId, 2));
  await step('the unknown one is forgotten', forget(sessionId, 3, [9]));
  await step('behind the end', ask(4, 0, 99));
  await step('at the end again', ask(5, 0, 9));
  await step('both at once', ask(6, 1, 0));
  await step('forget what is not there', forget(sessionId, 7, [3, 4]));
  await step('the epoch that was', none(sessionId, 7));
  await step('forget all', forget(sessionId, 8, [0, 1]));
  await step('after all is forgotten', none(sessionId, 9));
  const empty = await step('open with nothing', none(0, 0));
  await step('of nothing', none(empty.sessionId, 1));
  const first = await step('open one to replace', fromPartition(name, id, 9, { sessionEpoch: 0 }));
  const second = await step(
    'replace it',
    fromPartition(name, id, 9, { sessionId: first.sessionId, sessionEpoch: 0 }),
  );
  await step('the replaced one', none(first.sessionId, 1));
  await step('end it with a full fetch', fromPartition(name, id, 9, { sessionId: second.sessionId }));
  await step('after its end', none(second.sessionId, 1));
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
