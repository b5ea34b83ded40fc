import {
  addPartitionsToTxn,
  describeTransactions,
  endTxn,
  initProducerId,
  listOffsets,
  produce,
} from '../../../protocol/index.ts';
import type { Session } from '../session.ts';
import { batch, toPartition } from './records.ts';

export interface Producer {
  transactionalId: string;
  producerId: number;
  producerEpoch: number;
}

/** Requests of producers; each operation is asked by name. */
export class TransactionRequests {
  readonly session: Session;
  readonly topic: string;
  readonly topicId: string;

  constructor(session: Session, topic: string, topicId: string) {
    this.session = session;
    this.topic = topic;
    this.topicId = topicId;
  }

  async init(what: string, short: string, rest: object = {}, options: object = {}): Promise<Producer> {
    const transactionalId = this.session.name(short);
    const answer = await this.session.ask(
      `transactions: ${what}`,
      initProducerId,
      { transactionalId, transactionTimeoutMs: 60_000, ...rest },
      options,
    );
    return { transactionalId, producerId: answer!.producerId, producerEpoch: answer!.producerEpoch };
  }

  /** Once it is no longer at work on the transaction before. */
  initReady(what: string, short: string, rest: object = {}) {
    return this.init(what, short, rest, { until: isNotBusy });
  }

  add(what: string, producer: Producer, partitions = [0], topic = this.topic) {
    return this.session.ask(
      `transactions: ${what}`,
      addPartitionsToTxn,
      { ...producer, topics: [{ name: topic, partitions }] },
      { version: 3, until: isNotBusy },
    );
  }

  write(
    what: string,
    producer: Producer,
    baseSequence: number,
    { version, ...rest }: { version?: number; index?: number; isTransactional?: boolean } = {},
  ) {
    const { index = 0, isTransactional = true } = rest;
    const records = batch(this.session, { values: [what], ...producer, baseSequence, isTransactional });
    const body = toPartition(this.topic, this.topicId, records, {
      transactionalId: producer.transactionalId,
      index,
    });
    return this.session.ask(`transactions: ${what}`, produce, body, {
      version: version ?? this.session.versions(produce).at(-1),
      until: isNotBusy,
    });
  }

  end(what: string, producer: Producer, committed: boolean, version: number) {
    return this.session.ask(
      `transactions: ${what}`,
      endTxn,
      { ...producer, committed },
      { version, until: isNotBusy },
    );
  }

  ends(what: string) {
    return this.session.ask(`transactions: ${what}`, listOffsets, {
      isolationLevel: 1,
      topics: [{ name: this.topic, partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
    });
  }

  /** When the markers are written. */
  async settled(short: string): Promise<void> {
    await this.session.await(
      describeTransactions,
      { transactionalIds: [this.session.name(short)] },
      ({ transactionStates: [state] }) => !/^(Ongoing|Prepare)/.test(state!.transactionState),
    );
  }
}

const busy = 51;
/** A transaction before is not ended yet: the question is asked again. */
export const isNotBusy = ((answer: {
  errorCode?: number;
  resultsByTopic?: { resultsByPartition: { partitionErrorCode: number }[] }[];
  responses?: { partitionResponses: { errorCode: number }[] }[];
}) =>
  answer.errorCode !== busy &&
  answer.resultsByTopic?.[0]?.resultsByPartition[0]?.partitionErrorCode !== busy &&
  answer.responses?.[0]?.partitionResponses[0]?.errorCode !== busy) as never;
