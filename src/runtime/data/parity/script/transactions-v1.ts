import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  describeProducers,
  describeTransactions,
  endTxn,
  fetch,
  listTransactions,
  offsetFetch,
  txnOffsetCommit,
} from '../../../protocol/index.ts';
import { fromPartition } from './records.ts';
import type { Producer, TransactionRequests } from './transaction-requests.ts';

export async function transactionsOfVersionOne(requests: TransactionRequests): Promise<void> {
  const one = await requests.init('v1, init', 'first');
  const session = requests.session;
  await requests.write('v1, write before adding', one, 0, { version: 11 });
  await requests.end('v1, commit nothing', one, true, 4);
  await session.askInAll('transactions: v1, add in every version', addPartitionsToTxn, (version) => ({
    ...one,
    topics: version < 4 ? [{ name: requests.topic, partitions: [0] }] : [],
    transactions: [{ ...one, verifyOnly: false, topics: [{ name: requests.topic, partitions: [0] }] }],
  }));
  await requests.add('v1, add an unknown partition', one, [0, 9]);
  await requests.add('v1, add an unknown topic', one, [0], session.name('unknown'));
  await requests.add('v1, add as another producer', { ...one, producerId: one.producerId + 5_000 });
  await requests.add('v1, add with an old epoch', { ...one, producerEpoch: one.producerEpoch - 1 });
  await requests.add('v1, add with an epoch to come', { ...one, producerEpoch: one.producerEpoch + 1 });
  await requests.add('v1, add to an unknown id', { ...one, transactionalId: session.name('nobody') });
  await requests.add('v1, add to an empty id', { ...one, transactionalId: '' });
  await requests.write('v1, write', one, 0, { version: 11 });
  await requests.write('v1, write without being transactional', one, 1, {
    version: 11,
    isTransactional: false,
  });
  await requests.write('v1, write to what was not added', one, 0, { version: 11, index: 1 });
  await requests.ends('v1, last stable offset');
  await session.askInAll(
    'transactions: v1, read committed',
    fetch,
    fromPartition(requests.topic, requests.topicId, 0, { isolationLevel: 1 }),
  );
  await session.ask(
    'transactions: v1, read uncommitted',
    fetch,
    fromPartition(requests.topic, requests.topicId, 0),
  );
  await session.askInAll('transactions: v1, describe', describeTransactions, {
    transactionalIds: [one.transactionalId, session.name('nobody')],
  });
  await session.ask('transactions: v1, describe producers', describeProducers, {
    topics: [{ name: requests.topic, partitionIndexes: [0, 1, 9] }],
  });
  for (const [what, rest] of [
    ['all', {}],
    ['the open ones', { stateFilters: ['Ongoing'] }],
    ['of an unknown state', { stateFilters: ['Nonsense'] }],
    ['of a producer', { producerIdFilters: [one.producerId] }],
    ['that are old', { durationFilter: 10_000_000 }],
    ['by a pattern', { transactionalIdPattern: '.*first' }],
    ['by a pattern that is none', { transactionalIdPattern: '(' }],
  ] as const) {
    await session.ask(`transactions: v1, list ${what}`, listTransactions, {
      stateFilters: [],
      producerIdFilters: [],
      ...rest,
    });
  }
  await offsets(requests, one);
  const two = await requests.initReady('v1, init while it is open, until it is ended', 'first');
  await requests.end('v1, commit of the one before', one, true, 4);
  await requests.write('v1, write of the one before', one, 1, { version: 11 });
  await requests.add('v1, add of the one before', one);

  await requests.add('v1, add again', two);
  await requests.write('v1, write again', two, 0, { version: 11 });
  await requests.end('v1, commit', two, true, 4);
  await requests.settled('first');
  await requests.end('v1, commit twice', two, true, 4);
  await requests.end('v1, abort what is committed', two, false, 4);
  await requests.ends('v1, last stable offset after the commit');
  await requests.add('v1, add to abort', two);
  await requests.write('v1, write to abort', two, 1, { version: 11 });
  await requests.end('v1, abort', two, false, 4);
  await requests.settled('first');
  await requests.end('v1, abort twice', two, false, 4);
  await requests.end('v1, commit what is aborted', two, true, 4);
  await session.askInAll(
    'transactions: v1, read all that is committed',
    fetch,
    fromPartition(requests.topic, requests.topicId, 0, { isolationLevel: 1 }),
  );
  await session.ask(
    'transactions: v1, read from the middle',
    fetch,
    fromPartition(requests.topic, requests.topicId, 3, { isolationLevel: 1 }),
  );
  await session.ask('transactions: v1, describe producers at the end', describeProducers, {
    topics: [{ name: requests.topic, partitionIndexes: [0] }],
  });
  await session.askInAll('transactions: commit in every version, nothing open', endTxn, {
    ...two,
    committed: true,
  });
}

async function offsets(requests: TransactionRequests, producer: Producer): Promise<void> {
  const session = requests.session;
  const groupId = session.name('of-transactions');
  const topics = [
    {
      name: requests.topic,
      topicId: requests.topicId,
      partitions: [{ partitionIndex: 0, committedOffset: 3, committedMetadata: 'note' }],
    },
  ];
  await session.ask(
    'transactions: v1, offsets before the group is added',
    txnOffsetCommit,
    { ...producer, groupId, topics },
    { version: 4, patient: false },
  );
  await session.askInAll('transactions: v1, add a group', addOffsetsToTxn, { ...producer, groupId });
  await session.ask('transactions: v1, add a group without a name', addOffsetsToTxn, {
    ...producer,
    groupId: '',
  });
  await session.ask('transactions: v1, add a group as another producer', addOffsetsToTxn, {
    ...producer,
    producerId: producer.producerId + 5_000,
    groupId,
  });
  for (const version of session.versions(txnOffsetCommit).filter((each) => each < 5)) {
    await session.ask(
      'transactions: v1, offsets',
      txnOffsetCommit,
      { ...producer, groupId, topics },
      { version },
    );
  }
  await session.ask(
    'transactions: v1, offsets of a member that is not there',
    txnOffsetCommit,
    { ...producer, groupId, topics, memberId: 'nobody', generationIdOrMemberEpoch: 3 },
    { version: 4 },
  );
  await session.ask(
    'transactions: v1, offsets of an unknown partition',
    txnOffsetCommit,
    {
      ...producer,
      groupId,
      topics: [{ ...topics[0]!, partitions: [{ partitionIndex: 9, committedOffset: 1 }] }],
    },
    { version: 4 },
  );
  const asked = {
    groupId,
    topics: [{ name: requests.topic, topicId: requests.topicId, partitionIndexes: [0] }],
  };
  for (const requireStable of [true, false]) {
    await session.ask(`transactions: v1, ${requireStable ? 'stable' : 'unstable'} offsets`, offsetFetch, {
      groups: [asked],
      requireStable,
    });
  }
}
