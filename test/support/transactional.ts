import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  codeOf,
  endTxn,
  fetch,
  initProducerId,
  kafkaErrorName,
  listOffsets,
  offsetFetch,
  produce,
  RecordWalker,
  TRANSACTIONAL,
  txnOffsetCommit,
} from '../../src/runtime/protocol/index.ts';
import { batchOf, type RawClient } from './raw-client.ts';

/** A transactional producer over bare requests: version 1 adds partitions itself, version 2 (KIP-890) does not. */
export class RawTransactions {
  readonly #client: RawClient;
  readonly id: string;
  readonly isV2: boolean;
  producerId = -1;
  epoch = -1;
  readonly #sequences = new Map<string, number>();

  constructor(client: RawClient, id: string, isV2 = false) {
    this.#client = client;
    this.id = id;
    this.isV2 = isV2;
  }

  get #who() {
    return { transactionalId: this.id, producerId: this.producerId, producerEpoch: this.epoch };
  }

  async init(transactionTimeoutMs = 60_000): Promise<string> {
    const answer = await this.#client.ask(initProducerId, 5, {
      transactionalId: this.id,
      transactionTimeoutMs,
    });
    if (answer.errorCode === 0) this.#goOn(answer.producerId, answer.producerEpoch);
    return kafkaErrorName(answer.errorCode);
  }

  #goOn(producerId: number, epoch: number): void {
    if (producerId !== this.producerId || epoch !== this.epoch) this.#sequences.clear();
    this.producerId = producerId;
    this.epoch = epoch;
  }

  async add(topic: string, ...partitions: number[]): Promise<string> {
    const answer = await this.#client.ask(addPartitionsToTxn, 3, {
      ...this.#who,
      topics: [{ name: topic, partitions }],
    });
    return kafkaErrorName(answer.resultsByTopic[0]!.resultsByPartition[0]!.partitionErrorCode);
  }

  async produce(topic: string, partition: number, ...values: string[]): Promise<string> {
    const key = `${topic}/${partition}`;
    const baseSequence = this.#sequences.get(key) ?? 0;
    const records = batchOf(
      values.map((value) => ({ value })),
      { attributes: TRANSACTIONAL, producerId: this.producerId, producerEpoch: this.epoch, baseSequence },
    );
    const answer = await this.#client.ask(produce, this.isV2 ? 12 : 9, {
      transactionalId: this.id,
      ...{ acks: -1, timeoutMs: 5000 },
      topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
    });
    const { errorCode } = answer.responses[0]!.partitionResponses[0]!;
    if (errorCode === 0) this.#sequences.set(key, baseSequence + values.length);
    return kafkaErrorName(errorCode);
  }

  /** Adds the partition as version 1 has to, and produces. */
  async write(topic: string, partition: number, ...values: string[]): Promise<string> {
    const added = this.isV2 ? 'NONE' : await this.add(topic, partition);
    return added === 'NONE' ? this.produce(topic, partition, ...values) : added;
  }

  async addOffsets(groupId: string): Promise<string> {
    return kafkaErrorName((await this.#client.ask(addOffsetsToTxn, 3, { ...this.#who, groupId })).errorCode);
  }

  async commitOffset(
    groupId: string,
    topic: string,
    committedOffset: number,
    member: { memberId?: string; generationIdOrMemberEpoch?: number } = {},
  ): Promise<string> {
    const answer = await this.#client.ask(txnOffsetCommit, this.isV2 ? 5 : 3, {
      ...this.#who,
      ...member,
      groupId,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset }] }],
    });
    return kafkaErrorName(answer.topics[0]!.partitions[0]!.errorCode);
  }

  async end(committed: boolean): Promise<string> {
    const answer = await this.#client.ask(endTxn, this.isV2 ? 5 : 3, { ...this.#who, committed });
    if (answer.errorCode === 0 && this.isV2) this.#goOn(answer.producerId, answer.producerEpoch);
    return kafkaErrorName(answer.errorCode);
  }
}

/** What a reader of this isolation sees of a partition from an offset on. */
export async function valuesOf(
  client: RawClient,
  topic: string,
  { isolationLevel = 1, partition = 0, fetchOffset = 0 } = {},
): Promise<string[]> {
  const values: string[] = [];
  for (let next = fetchOffset; ; ) {
    const answer = await client.ask(fetch, 11, {
      ...{ maxWaitMs: 0, minBytes: 1, isolationLevel, sessionId: 0, sessionEpoch: -1 },
      topics: [{ topic, partitions: [{ partition, fetchOffset: next, partitionMaxBytes: 1 << 20 }] }],
    });
    const found = answer.responses[0]!.partitions[0]!;
    if (found.errorCode !== 0) throw new Error(kafkaErrorName(found.errorCode));
    if (found.records!.length === 0) return values;
    const records = new RecordWalker(found.records!, {
      fromOffset: next,
      aborted: found.abortedTransactions,
      controls: true,
    });
    while (records.next()) {
      next = records.offset + 1;
      if (!records.batch.isControl) values.push(records.value()!.toString());
    }
    const last = new RecordWalker(found.records!, { controls: true });
    while (last.next()) next = Math.max(next, last.offset + 1);
  }
}

/** The last stable offset, or the high watermark. */
export async function endOf(client: RawClient, topic: string, isolationLevel = 1): Promise<number> {
  const answer = await client.ask(listOffsets, 5, {
    isolationLevel,
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
  });
  return answer.topics[0]!.partitions[0]!.offset;
}

/** What a group has committed of partition 0; a name of an error where it is not to be had. */
export async function committedBy(
  client: RawClient,
  groupId: string,
  topic: string,
  requireStable = false,
): Promise<number | string> {
  const answer = await client.ask(offsetFetch, 7, {
    ...{ groupId, requireStable },
    topics: [{ name: topic, partitionIndexes: [0] }],
  });
  const { errorCode, committedOffset } = answer.topics[0]!.partitions[0]!;
  return errorCode === codeOf('NONE') ? committedOffset : kafkaErrorName(errorCode);
}
