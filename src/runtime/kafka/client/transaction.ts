import { DdsError } from '../../../errors/index.ts';
import {
  type Api,
  addOffsetsToTxn,
  addPartitionsToTxn,
  apiVersions,
  endTxn,
  initProducerId,
  kafkaErrorName,
  type RequestInput,
  type ResponseOf,
  txnOffsetCommit,
} from '../../protocol/index.ts';
import type { OffsetToSend, TopicPartition, TransactionMember } from '../port.ts';
import { byTopic } from './by-topic.ts';
import { type Cluster, isRetriable } from './cluster.ts';
import type { Connection } from './connection.ts';
import { isUnreachable, kafkaError, partitionsLost, producerFenced, tellsLoss } from './errors.ts';
import type { ProducerSession } from './pending-batch.ts';

// biome-ignore lint/suspicious/noExplicitAny: any API; its fields are inferred by the caller
type AnyApi = Api<any, any>;

/** The feature of a cluster that says whether it has transactions v2 (KIP-890). */
const FEATURE = 'transaction.version';
const V2 = 2;
/** Up to these versions a request is one of transactions v1. */
const V1_END = 4;
const V1_OFFSETS = 4;
/** From 4 on AddPartitionsToTxn is for brokers. */
const CLIENT_ADD = 3;
const FIRST_PAUSE_MS = 10;
const MAX_PAUSE_MS = 1000;
const BUSY_PAUSE_MS = 20;

/** Somebody else has this transactional id now, or the coordinator gave up on us. */
const FENCED: ReadonlySet<string> = new Set([
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
]);

/** What makes a producer a transactional one. */
export interface TransactionHooks {
  readonly transaction: Transaction;
  isOpen(): boolean;
  /** A batch was given up: the transaction cannot be committed any more. */
  onFailure(error: Error): void;
}

interface Repetition {
  /** Whether a broker that does not answer is waited for. Default true. */
  waitsForBroker?: boolean;
  /** Whose coordinator was asked. */
  group?: string;
}

export interface TransactionSettings {
  readonly transactionalId: string;
  readonly timeoutMs: number;
  /** How long a request may be repeated while no coordinator answers. */
  readonly patienceMs: number;
}

/**
 * The transactional id at its coordinator (TransactionManager): who we are, and what the transaction holds. With version 2
 * brokers note by themselves what comes in, and every end brings a new epoch (KIP-890).
 */
export class Transaction {
  readonly #cluster: Cluster;
  readonly settings: TransactionSettings;
  session: ProducerSession | null = null;
  isV2 = false;
  /** A partition or a group is in it, or may be: it has to be ended. */
  hasBegun = false;
  readonly #closed = new AbortController();
  readonly #added = new Set<string>();
  readonly #wanted = new Map<string, TopicPartition>();
  /** Partitions on their way into it; never rejects. */
  #adding: Promise<void> | null = null;
  readonly #groups = new Set<string>();

  constructor(cluster: Cluster, settings: TransactionSettings) {
    this.#cluster = cluster;
    this.settings = settings;
  }

  /** Takes the id over: an earlier producer is fenced, what it left open is aborted. Throws DDS_FENCED, DDS_KAFKA. */
  async open(): Promise<ProducerSession> {
    const { transactionalId, timeoutMs } = this.settings;
    const known = this.session;
    const session = await this.#repeating(
      async () => {
        const connection = await this.#coordinator();
        this.isV2 = await hasV2(connection);
        const answer = await connection.request(initProducerId, {
          ...{ transactionalId, transactionTimeoutMs: timeoutMs },
          ...(known && { producerId: known.producerId, producerEpoch: known.epoch }),
        });
        if (answer.errorCode) throw this.#error(answer.errorCode, 'opening');
        return { producerId: answer.producerId, epoch: answer.producerEpoch };
      },
      { waitsForBroker: known !== null },
    );
    this.session = session;
    this.#forget();
    return session;
  }

  get #who() {
    const { producerId, epoch } = this.session!;
    return { transactionalId: this.settings.transactionalId, producerId, producerEpoch: epoch };
  }

  /**
   * Whether a batch of the partition may go to its broker now. If not, the coordinator is being asked, and `done` is
   * called when it may, or with an error when it never may.
   */
  admits(topic: string, partition: number, done: (error: Error | null) => void): boolean {
    if (this.isV2) {
      this.hasBegun = true;
      return true;
    }
    const name = `${topic}/${partition}`;
    if (this.#added.has(name)) return true;
    this.#wanted.set(name, { topic, partition });
    if (this.#adding !== null) return false;
    // All partitions of this turn in one request.
    this.#adding = Promise.resolve().then(() => this.#addWanted(done));
    return false;
  }

  async #addWanted(done: (error: Error | null) => void): Promise<void> {
    const wanted = [...this.#wanted.values()];
    this.#wanted.clear();
    let failure: Error | null = null;
    try {
      await this.#add(wanted);
    } catch (error) {
      failure = error as Error;
    }
    this.#adding = null;
    done(failure);
  }

  async #add(partitions: readonly TopicPartition[]): Promise<void> {
    this.hasBegun = true;
    await this.#repeating(async () => {
      const topics = byTopic(partitions, ({ partition }) => partition).map(([name, numbers]) => ({
        name,
        partitions: numbers,
      }));
      const answer = await this.#ask(addPartitionsToTxn, { ...this.#who, topics }, CLIENT_ADD);
      for (const { name, resultsByPartition } of answer.resultsByTopic) {
        for (const { partitionIndex, partitionErrorCode } of resultsByPartition) {
          if (partitionErrorCode) throw this.#error(partitionErrorCode, `adding ${name}/${partitionIndex}`);
        }
      }
    });
    for (const { topic, partition } of partitions) this.#added.add(`${topic}/${partition}`);
  }

  /** Puts offsets of a group into the transaction. */
  async sendOffsets(
    group: string,
    offsets: readonly OffsetToSend[],
    member: TransactionMember | undefined,
  ): Promise<void> {
    this.hasBegun = true;
    if (!this.isV2 && !this.#groups.has(group)) {
      await this.#repeating(async () => {
        const { errorCode } = await this.#ask(addOffsetsToTxn, { ...this.#who, groupId: group });
        if (errorCode) throw this.#error(errorCode, `adding group ${group}`);
      });
      this.#groups.add(group);
    }
    const topics = byTopic(offsets, ({ partition, offset, metadata }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedMetadata: metadata ?? '',
    })).map(([name, partitions]) => ({ name, partitions }));
    const body = {
      ...{ ...this.#who, groupId: group, topics },
      ...(member && { memberId: member.memberId, generationIdOrMemberEpoch: member.id }),
    };
    await this.#repeating(
      async () => {
        const connection = await this.#cluster.rememberedCoordinator('group', group);
        // From version 6 on topics have ids.
        const answer = await connection.request(txnOffsetCommit, body, {
          maxVersion: this.isV2 ? V1_OFFSETS + 1 : V1_OFFSETS,
        });
        const code = answer.topics
          .flatMap(({ partitions }) => partitions)
          .find(({ errorCode }) => errorCode)?.errorCode;
        if (!code) return;
        const kafka = kafkaErrorName(code);
        if (tellsLoss(kafka)) throw partitionsLost(group, kafka);
        throw this.#error(code, `offsets of group ${group}`);
      },
      { group },
    );
  }

  /** Commits or aborts at the coordinator, over and over until it is known to have ended. */
  async end(committed: boolean): Promise<void> {
    // What came to the coordinator behind the end would open another transaction, which nobody ended.
    await this.#adding;
    if (this.hasBegun) {
      const isEmpty = !committed && !this.isV2 && this.#added.size === 0 && this.#groups.size === 0;
      const answer = await this.#repeating(async () => {
        const body = { ...this.#who, committed };
        const ended = await this.#ask(endTxn, body, this.isV2 ? endTxn.maxVersion : V1_END);
        // All that was to come into it was refused.
        if (isEmpty && kafkaErrorName(ended.errorCode) === 'INVALID_TXN_STATE') return ended;
        if (ended.errorCode) throw this.#error(ended.errorCode, committed ? 'committing' : 'aborting');
        return ended;
      });
      if (this.isV2 && answer.producerId >= 0)
        this.session = { producerId: answer.producerId, epoch: answer.producerEpoch };
    }
    this.#forget();
  }

  #forget(): void {
    this.hasBegun = false;
    this.#groups.clear();
    this.#added.clear();
    this.#wanted.clear();
  }

  async #ask<A extends AnyApi>(
    api: A,
    body: RequestInput<A>,
    maxVersion: number = api.maxVersion,
  ): Promise<ResponseOf<A>> {
    const connection = await this.#coordinator();
    return connection.request(api, body, { maxVersion });
  }

  #coordinator(): Promise<Connection> {
    return this.#cluster.rememberedCoordinator('transactional id', this.settings.transactionalId);
  }

  #error(code: number, doing: string): DdsError {
    const kafka = kafkaErrorName(code);
    const { transactionalId } = this.settings;
    if (FENCED.has(kafka)) return producerFenced(transactionalId, kafka);
    return kafkaError(code, `transactional id ${transactionalId}, ${doing}`);
  }

  /** Also while a broker is away: each of these requests may come twice. */
  async #repeating<T>(attempt: () => Promise<T>, options: Repetition = {}): Promise<T> {
    const { clock } = this.#cluster;
    const { waitsForBroker = true, group } = options;
    const forget = () => {
      this.#cluster.forgetCoordinator('transactional id', this.settings.transactionalId);
      if (group !== undefined) this.#cluster.forgetCoordinator('group', group);
    };
    const deadline = clock.monotonic() + this.settings.patienceMs;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
      try {
        return await attempt();
      } catch (error) {
        const isPassing = isRetriable(error) || (waitsForBroker && isUnreachable(error));
        const isBusy = error instanceof DdsError && error.details?.kafka === 'CONCURRENT_TRANSACTIONS';
        // The right one has said so: what was before is still ending.
        if (isBusy) pause = Math.min(pause, BUSY_PAUSE_MS);
        else if (isPassing) forget();
        if (!isPassing || this.#closed.signal.aborted || clock.monotonic() + pause > deadline) throw error;
        await clock.sleep(pause, this.#closed.signal);
      }
    }
  }

  close(): void {
    this.#closed.abort();
  }
}

async function hasV2(connection: Connection): Promise<boolean> {
  if (!connection.supports(apiVersions, 3)) return false;
  const { finalizedFeatures } = await connection.request(
    apiVersions,
    { clientSoftwareName: 'dds', clientSoftwareVersion: '1' },
    { maxVersion: 4 },
  );
  const level = finalizedFeatures.find(({ name }) => name === FEATURE)?.maxVersionLevel ?? 0;
  return level >= V2 && connection.supports(endTxn, V1_END + 1);
}
