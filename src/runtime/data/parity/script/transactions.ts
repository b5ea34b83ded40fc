import {
  describeTransactions,
  endTxn,
  fetch,
  initProducerId,
  txnOffsetCommit,
} from '../../../protocol/index.ts';
import type { Session } from '../session.ts';
import { fromPartition } from './records.ts';
import { isNotBusy, type Producer, TransactionRequests } from './transaction-requests.ts';
import { transactionsOfVersionOne } from './transactions-v1.ts';

/** Transactions, as version 1 and as version 2 (KIP-890) of them go. */
export async function transactionsScript(session: Session): Promise<void> {
  const topicId = await session.topic('transactions', 2);
  await session.coordinator('first', 1);
  const requests = new TransactionRequests(session, session.name('transactions'), topicId);
  await initialising(requests);
  await transactionsOfVersionOne(requests);
  await versionTwo(requests);
  await timingOut(requests);
}

async function initialising(requests: TransactionRequests): Promise<void> {
  await requests.session.askInAll('transactions: init', initProducerId, {
    transactionalId: requests.session.name('init'),
    transactionTimeoutMs: 60_000,
  });
  await requests.init('init with an empty id', 'x', { transactionalId: '' });
  await requests.init('init with too long a timeout', 'x', { transactionTimeoutMs: 100_000_000 });
  await requests.init('init with a timeout of 0', 'x', { transactionTimeoutMs: 0 });
  await requests.init('init without an id and with a timeout below 0', 'x', {
    transactionalId: null,
    transactionTimeoutMs: -1,
  });
  const given = await requests.init('init anew', 'init');
  await requests.init('init, going on', 'init', {
    producerId: given.producerId,
    producerEpoch: given.producerEpoch,
  });
  await requests.init('init, going on, again', 'init', {
    producerId: given.producerId,
    producerEpoch: given.producerEpoch,
  });
  await requests.init('init, going on from long ago', 'init', {
    producerId: given.producerId,
    producerEpoch: 0,
  });
  await requests.init('init, going on as another producer', 'init', {
    producerId: given.producerId + 5_000,
    producerEpoch: 0,
  });
  await requests.init('init, going on with an epoch alone', 'init', { producerEpoch: 3 });
  await requests.init('init, going on with a producer alone', 'init', { producerId: 3 });
  await requests.init('init, going on where nothing was', 'init-unknown', {
    producerId: 3,
    producerEpoch: 3,
  });
}

async function versionTwo(requests: TransactionRequests): Promise<void> {
  const session = requests.session;
  const one = await requests.init('v2, init', 'second');
  const nothing = await requests.end('v2, commit nothing', one, true, 5);
  const next = (answer: { producerId: number; producerEpoch: number } | null, before: Producer): Producer =>
    answer && answer.producerId >= 0
      ? { ...before, producerId: answer.producerId, producerEpoch: answer.producerEpoch }
      : before;
  const empty = next(nothing, one);
  const aborted = next(await requests.end('v2, abort nothing', empty, false, 5), empty);
  await requests.write('v2, write', aborted, 0);
  await requests.write('v2, write more', aborted, 1);
  await requests.write('v2, write not from 0 elsewhere', aborted, 4, { index: 1 });
  await requests.write(
    'v2, write with an old epoch',
    { ...aborted, producerEpoch: aborted.producerEpoch - 1 },
    0,
  );
  await requests.write(
    'v2, write with an epoch to come',
    { ...aborted, producerEpoch: aborted.producerEpoch + 1 },
    0,
  );
  await requests.write(
    'v2, write as another producer',
    { ...aborted, producerId: aborted.producerId + 5_000 },
    0,
  );
  await session.ask(
    'transactions: v2, offsets',
    txnOffsetCommit,
    {
      ...aborted,
      groupId: session.name('of-second'),
      topics: [
        {
          name: requests.topic,
          topicId: requests.topicId,
          partitions: [{ partitionIndex: 0, committedOffset: 3 }],
        },
      ],
    },
    { version: 5, until: isNotBusy },
  );
  await session.ask('transactions: v2, describe', describeTransactions, {
    transactionalIds: [aborted.transactionalId],
  });
  const committed = await requests.end('v2, commit', aborted, true, 5);
  await requests.settled('second');
  const repeated = await requests.end('v2, commit again, the answer was lost', aborted, true, 5);
  session.keep('transactions: v2, the same answer to both', endTxn, 5, {
    isSame: committed?.producerEpoch === repeated?.producerEpoch,
  });
  await requests.end('v2, abort what is committed', aborted, false, 5);
  const following = next(committed, aborted);
  await requests.write('v2, write in the next', following, 0);
  await requests.write('v2, write in the one before', aborted, 2);
  const end = await requests.end('v2, abort', following, false, 5);
  await requests.settled('second');
  await requests.end('v2, abort again, the answer was lost', following, false, 5);
  await requests.end('v2, commit what is aborted', following, true, 5);
  const after = next(end, following);
  await requests.end('v2, commit nothing after an abort', after, true, 5);
  await requests.end(
    'v2, commit with an epoch to come',
    { ...after, producerEpoch: after.producerEpoch + 5 },
    true,
    5,
  );
  await requests.end(
    'v2, commit as another producer',
    { ...after, producerId: after.producerId + 5_000 },
    true,
    5,
  );
  await requests.end(
    'v2, commit of an unknown id',
    { ...after, transactionalId: session.name('nobody') },
    true,
    5,
  );

  const fenced = await requests.init('v2, init what stays empty', 'empty');
  const heir = await requests.init('v2, init what stays empty, again', 'empty');
  for (const committed of [true, false]) {
    const how = committed ? 'commit' : 'abort';
    await requests.end(`v2, ${how} nothing with an old epoch`, fenced, committed, 5);
  }
  await requests.end('v2, abort nothing after that', heir, false, 5);
  await requests.end('v2, abort nothing with an epoch of long ago', fenced, false, 5);

  const open = await requests.initReady('v2, init to leave open', 'third');
  await requests.write('v2, write and leave open', open, 0);
  await requests.init('v2, init while it is open', 'third', {}, { patient: false });
  await requests.settled('third');
  const left = await requests.initReady('v2, init to leave open, too', 'fourth');
  await requests.write('v2, write and leave open, too', left, 0);
  await requests.initReady('v2, init while it is open, until it is ended', 'fourth');
  await requests.end('v2, commit of the one before', left, true, 5);
  await session.ask(
    'transactions: v2, read all',
    fetch,
    fromPartition(requests.topic, requests.topicId, 0, { isolationLevel: 1 }),
  );
}

/** The coordinator aborts what takes too long. */
async function timingOut(requests: TransactionRequests): Promise<void> {
  for (const version of [4, 5]) {
    const short = `late-${version}`;
    const late = await requests.init(`a short one, init for version ${version}`, short, {
      transactionTimeoutMs: 1_000,
    });
    if (version === 4) await requests.add('a short one, add', late);
    await requests.write(
      `a short one, write for version ${version}`,
      late,
      0,
      version === 4 ? { version: 11 } : {},
    );
    await requests.settled(short);
    await requests.session.ask(
      `transactions: a short one is over, describe for version ${version}`,
      describeTransactions,
      { transactionalIds: [late.transactionalId] },
    );
    await requests.end('a short one, commit after its timeout', late, true, version);
    await requests.end('a short one, abort after its timeout', late, false, version);
    await requests.write(
      `a short one, write after its timeout for version ${version}`,
      late,
      1,
      version === 4 ? { version: 11 } : {},
    );
    await requests.init(
      `a short one, init after its timeout for version ${version}`,
      short,
      {},
      { until: isNotBusy },
    );
  }
}
