import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  describeProducers,
  describeTransactions,
  endTxn,
  fetch,
  initProducerId,
  listOffsets,
  listTransactions,
  offsetFetch,
  produce,
  txnOffsetCommit,
} from '../../../protocol/index.ts';
import type { Session } from '../session.ts';
import { batch, fromPartition, toPartition } from './records.ts';

interface Producer {
  transactionalId: string;
  producerId: number;
  producerEpoch: number;
}

/** Transactions, as version 1 and as version 2 (KIP-890) of them go. */
export async function transactionsScript(session: Session): Promise<void> {
  const topicId = await session.topic('transactions', 2);
  await session.coordinator('first', 1);
  const script = new Transactions(session, session.name('transactions'), topicId);
  await script.initialising();
  await script.versionOne();
  await script.versionTwo();
  await script.timingOut();
}

/** Requests of producers; each operation is asked by name. */
class Transactions {
  readonly #session: Session;
  readonly #topic: string;
  readonly #topicId: string;

  constructor(session: Session, topic: string, topicId: string) {
    this.#session = session;
    this.#topic = topic;
    this.#topicId = topicId;
  }

  async #init(what: string, short: string, rest: object = {}, options: object = {}): Promise<Producer> {
    const transactionalId = this.#session.name(short);
    const answer = await this.#session.ask(
      `transactions: ${what}`,
      initProducerId,
      { transactionalId, transactionTimeoutMs: 60_000, ...rest },
      options,
    );
    return { transactionalId, producerId: answer!.producerId, producerEpoch: answer!.producerEpoch };
  }

  /** Once it is no longer at work on the transaction before. */
  #initReady(what: string, short: string, rest: object = {}) {
    return this.#init(what, short, rest, { until: isNotBusy });
  }

  #add(what: string, producer: Producer, partitions = [0], topic = this.#topic) {
    return this.#session.ask(
      `transactions: ${what}`,
      addPartitionsToTxn,
      { ...producer, topics: [{ name: topic, partitions }] },
      { version: 3, until: isNotBusy },
    );
  }

  #write(
    what: string,
    producer: Producer,
    baseSequence: number,
    { version, ...rest }: { version?: number; index?: number; isTransactional?: boolean } = {},
  ) {
    const { index = 0, isTransactional = true } = rest;
    const records = batch(this.#session, { values: [what], ...producer, baseSequence, isTransactional });
    const body = toPartition(this.#topic, this.#topicId, records, {
      transactionalId: producer.transactionalId,
      index,
    });
    return this.#session.ask(`transactions: ${what}`, produce, body, {
      version: version ?? this.#session.versions(produce).at(-1),
      until: isNotBusy,
    });
  }

  #end(what: string, producer: Producer, committed: boolean, version: number) {
    return this.#session.ask(
      `transactions: ${what}`,
      endTxn,
      { ...producer, committed },
      { version, until: isNotBusy },
    );
  }

  #ends(what: string) {
    return this.#session.ask(`transactions: ${what}`, listOffsets, {
      isolationLevel: 1,
      topics: [{ name: this.#topic, partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
    });
  }

  /** When the markers are written. */
  async #settled(short: string): Promise<void> {
    await this.#session.await(
      describeTransactions,
      { transactionalIds: [this.#session.name(short)] },
      ({ transactionStates: [state] }) => !/^(Ongoing|Prepare)/.test(state!.transactionState),
    );
  }

  async initialising(): Promise<void> {
    await this.#session.askInAll('transactions: init', initProducerId, {
      transactionalId: this.#session.name('init'),
      transactionTimeoutMs: 60_000,
    });
    await this.#init('init with an empty id', 'x', { transactionalId: '' });
    await this.#init('init with too long a timeout', 'x', { transactionTimeoutMs: 100_000_000 });
    await this.#init('init with a timeout of 0', 'x', { transactionTimeoutMs: 0 });
    await this.#init('init without an id and with a timeout below 0', 'x', {
      transactionalId: null,
      transactionTimeoutMs: -1,
    });
    const given = await this.#init('init anew', 'init');
    await this.#init('init, going on', 'init', {
      producerId: given.producerId,
      producerEpoch: given.producerEpoch,
    });
    await this.#init('init, going on, again', 'init', {
      producerId: given.producerId,
      producerEpoch: given.producerEpoch,
    });
    await this.#init('init, going on from long ago', 'init', {
      producerId: given.producerId,
      producerEpoch: 0,
    });
    await this.#init('init, going on as another producer', 'init', {
      producerId: given.producerId + 5_000,
      producerEpoch: 0,
    });
    await this.#init('init, going on with an epoch alone', 'init', { producerEpoch: 3 });
    await this.#init('init, going on with a producer alone', 'init', { producerId: 3 });
    await this.#init('init, going on where nothing was', 'init-unknown', { producerId: 3, producerEpoch: 3 });
  }

  async versionOne(): Promise<void> {
    const one = await this.#init('v1, init', 'first');
    const session = this.#session;
    await this.#write('v1, write before adding', one, 0, { version: 11 });
    await this.#end('v1, commit nothing', one, true, 4);
    await session.askInAll('transactions: v1, add in every version', addPartitionsToTxn, (version) => ({
      ...one,
      topics: version < 4 ? [{ name: this.#topic, partitions: [0] }] : [],
      transactions: [{ ...one, verifyOnly: false, topics: [{ name: this.#topic, partitions: [0] }] }],
    }));
    await this.#add('v1, add an unknown partition', one, [0, 9]);
    await this.#add('v1, add an unknown topic', one, [0], session.name('unknown'));
    await this.#add('v1, add as another producer', { ...one, producerId: one.producerId + 5_000 });
    await this.#add('v1, add with an old epoch', { ...one, producerEpoch: one.producerEpoch - 1 });
    await this.#add('v1, add with an epoch to come', { ...one, producerEpoch: one.producerEpoch + 1 });
    await this.#add('v1, add to an unknown id', { ...one, transactionalId: session.name('nobody') });
    await this.#add('v1, add to an empty id', { ...one, transactionalId: '' });
    await this.#write('v1, write', one, 0, { version: 11 });
    await this.#write('v1, write without being transactional', one, 1, {
      version: 11,
      isTransactional: false,
    });
    await this.#write('v1, write to what was not added', one, 0, { version: 11, index: 1 });
    await this.#ends('v1, last stable offset');
    await session.askInAll(
      'transactions: v1, read committed',
      fetch,
      fromPartition(this.#topic, this.#topicId, 0, { isolationLevel: 1 }),
    );
    await session.ask(
      'transactions: v1, read uncommitted',
      fetch,
      fromPartition(this.#topic, this.#topicId, 0),
    );
    await session.askInAll('transactions: v1, describe', describeTransactions, {
      transactionalIds: [one.transactionalId, session.name('nobody')],
    });
    await session.ask('transactions: v1, describe producers', describeProducers, {
      topics: [{ name: this.#topic, partitionIndexes: [0, 1, 9] }],
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
    await this.#offsets(one);
    const two = await this.#initReady('v1, init while it is open, until it is ended', 'first');
    await this.#end('v1, commit of the one before', one, true, 4);
    await this.#write('v1, write of the one before', one, 1, { version: 11 });
    await this.#add('v1, add of the one before', one);

    await this.#add('v1, add again', two);
    await this.#write('v1, write again', two, 0, { version: 11 });
    await this.#end('v1, commit', two, true, 4);
    await this.#settled('first');
    await this.#end('v1, commit twice', two, true, 4);
    await this.#end('v1, abort what is committed', two, false, 4);
    await this.#ends('v1, last stable offset after the commit');
    await this.#add('v1, add to abort', two);
    await this.#write('v1, write to abort', two, 1, { version: 11 });
    await this.#end('v1, abort', two, false, 4);
    await this.#settled('first');
    await this.#end('v1, abort twice', two, false, 4);
    await this.#end('v1, commit what is aborted', two, true, 4);
    await session.askInAll(
      'transactions: v1, read all that is committed',
      fetch,
      fromPartition(this.#topic, this.#topicId, 0, { isolationLevel: 1 }),
    );
    await session.ask(
      'transactions: v1, read from the middle',
      fetch,
      fromPartition(this.#topic, this.#topicId, 3, { isolationLevel: 1 }),
    );
    await session.ask('transactions: v1, describe producers at the end', describeProducers, {
      topics: [{ name: this.#topic, partitionIndexes: [0] }],
    });
    await session.askInAll('transactions: commit in every version, nothing open', endTxn, {
      ...two,
      committed: true,
    });
  }

  async #offsets(producer: Producer): Promise<void> {
    const session = this.#session;
    const groupId = session.name('of-transactions');
    const topics = [
      {
        name: this.#topic,
        topicId: this.#topicId,
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
    const asked = { groupId, topics: [{ name: this.#topic, topicId: this.#topicId, partitionIndexes: [0] }] };
    for (const requireStable of [true, false]) {
      await session.ask(`transactions: v1, ${requireStable ? 'stable' : 'unstable'} offsets`, offsetFetch, {
        groups: [asked],
        requireStable,
      });
    }
  }

  async versionTwo(): Promise<void> {
    const session = this.#session;
    const one = await this.#init('v2, init', 'second');
    const nothing = await this.#end('v2, commit nothing', one, true, 5);
    const next = (
      answer: { producerId: number; producerEpoch: number } | null,
      before: Producer,
    ): Producer =>
      answer && answer.producerId >= 0
        ? { ...before, producerId: answer.producerId, producerEpoch: answer.producerEpoch }
        : before;
    const empty = next(nothing, one);
    const aborted = next(await this.#end('v2, abort nothing', empty, false, 5), empty);
    await this.#write('v2, write', aborted, 0);
    await this.#write('v2, write more', aborted, 1);
    await this.#write('v2, write not from 0 elsewhere', aborted, 4, { index: 1 });
    await this.#write(
      'v2, write with an old epoch',
      { ...aborted, producerEpoch: aborted.producerEpoch - 1 },
      0,
    );
    await this.#write(
      'v2, write with an epoch to come',
      { ...aborted, producerEpoch: aborted.producerEpoch + 1 },
      0,
    );
    await this.#write(
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
            name: this.#topic,
            topicId: this.#topicId,
            partitions: [{ partitionIndex: 0, committedOffset: 3 }],
          },
        ],
      },
      { version: 5, until: isNotBusy },
    );
    await session.ask('transactions: v2, describe', describeTransactions, {
      transactionalIds: [aborted.transactionalId],
    });
    const committed = await this.#end('v2, commit', aborted, true, 5);
    await this.#settled('second');
    const repeated = await this.#end('v2, commit again, the answer was lost', aborted, true, 5);
    session.keep('transactions: v2, the same answer to both', endTxn, 5, {
      isSame: committed?.producerEpoch === repeated?.producerEpoch,
    });
    await this.#end('v2, abort what is committed', aborted, false, 5);
    const following = next(committed, aborted);
    await this.#write('v2, write in the next', following, 0);
    await this.#write('v2, write in the one before', aborted, 2);
    const end = await this.#end('v2, abort', following, false, 5);
    await this.#settled('second');
    await this.#end('v2, abort again, the answer was lost', following, false, 5);
    await this.#end('v2, commit what is aborted', following, true, 5);
    const after = next(end, following);
    await this.#end('v2, commit nothing after an abort', after, true, 5);
    await this.#end(
      'v2, commit with an epoch to come',
      { ...after, producerEpoch: after.producerEpoch + 5 },
      true,
      5,
    );
    await this.#end(
      'v2, commit as another producer',
      { ...after, producerId: after.producerId + 5_000 },
      true,
      5,
    );
    await this.#end(
      'v2, commit of an unknown id',
      { ...after, transactionalId: session.name('nobody') },
      true,
      5,
    );

    const open = await this.#initReady('v2, init to leave open', 'third');
    await this.#write('v2, write and leave open', open, 0);
    await this.#init('v2, init while it is open', 'third', {}, { patient: false });
    await this.#settled('third');
    await session.ask(
      'transactions: v2, read all',
      fetch,
      fromPartition(this.#topic, this.#topicId, 0, { isolationLevel: 1 }),
    );
  }

  /** The coordinator aborts what takes too long. */
  async timingOut(): Promise<void> {
    for (const version of [4, 5]) {
      const short = `late-${version}`;
      const late = await this.#init(`a short one, init for version ${version}`, short, {
        transactionTimeoutMs: 1_000,
      });
      if (version === 4) await this.#add('a short one, add', late);
      await this.#write(
        `a short one, write for version ${version}`,
        late,
        0,
        version === 4 ? { version: 11 } : {},
      );
      await this.#settled(short);
      await this.#session.ask(
        `transactions: a short one is over, describe for version ${version}`,
        describeTransactions,
        { transactionalIds: [late.transactionalId] },
      );
      await this.#end('a short one, commit after its timeout', late, true, version);
      await this.#end('a short one, abort after its timeout', late, false, version);
      await this.#write(
        `a short one, write after its timeout for version ${version}`,
        late,
        1,
        version === 4 ? { version: 11 } : {},
      );
      await this.#init(
        `a short one, init after its timeout for version ${version}`,
        short,
        {},
        { until: isNotBusy },
      );
    }
  }
}

const busy = 51;
const isNotBusy = ((answer: {
  errorCode?: number;
  resultsByTopic?: { resultsByPartition: { partitionErrorCode: number }[] }[];
  responses?: { partitionResponses: { errorCode: number }[] }[];
}) =>
  answer.errorCode !== busy &&
  answer.resultsByTopic?.[0]?.resultsByPartition[0]?.partitionErrorCode !== busy &&
  answer.responses?.[0]?.partitionResponses[0]?.errorCode !== busy) as never;
