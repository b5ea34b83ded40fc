import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { KafkaErrorName } from '../../protocol/index.ts';
import type { StorageHealth } from '../storage/health.ts';
import type { Configs } from './configs.ts';
import type { GroupCoordinator } from './group-coordinator.ts';
import type { ProducerIds } from './producer-ids.ts';
import type { Topics } from './topics.ts';
import {
  hasPartition,
  isExhausted,
  isPrepared,
  NO_EPOCH,
  NO_PRODUCER_ID,
  newTransaction,
  type PartitionName,
  type Transaction,
  withPartitions,
} from './transaction.ts';
import { TransactionEnds } from './transaction-ends.ts';
import { TransactionStore } from './transaction-store.ts';

const TRANSACTION_V2 = 2;

/** A producer's word on who it is. */
export interface ProducerIdentity {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly epoch: number;
}

export interface ProducerGrant {
  readonly error: KafkaErrorName;
  readonly producerId: number;
  readonly epoch: number;
}

const refused = (error: KafkaErrorName): ProducerGrant => ({
  error,
  producerId: NO_PRODUCER_ID,
  epoch: NO_EPOCH,
});

export interface TransactionCoordinatorOptions {
  topics: Topics;
  groups: GroupCoordinator;
  producerIds: ProducerIds;
  configs: Configs;
  clock: Clock;
  health: StorageHealth;
  log: Logger;
  fsync: boolean;
}

/**
 * Who writes under which transactional id, and what its transaction holds (KIP-98, 360, 890). All partitions are of this
 * process: a transaction that is to end ends within the same call, so nobody meets one that is ending, except while a
 * disk is waited for.
 */
export class TransactionCoordinator {
  readonly #options: TransactionCoordinatorOptions;
  readonly #store: TransactionStore;
  readonly ends: TransactionEnds;

  constructor(options: TransactionCoordinatorOptions) {
    this.#options = options;
    this.#store = new TransactionStore(options.topics, options.clock);
    this.ends = new TransactionEnds({ ...options, store: this.#store });
  }

  /** Reads back what was saved, and ends what a crash left half-ended. */
  load(): void {
    this.#store.load();
    this.ends.completePrepared();
    this.ends.abortOrphans();
    const transactionalIds = this.#store.all().length;
    if (transactionalIds > 0) this.#options.log.info({ transactionalIds }, 'transactions loaded');
  }

  all(): Transaction[] {
    return this.#store.all();
  }

  get(id: string): Transaction | undefined {
    return this.#store.get(id);
  }

  sync(): Promise<void> {
    return this.#store.sync();
  }

  /** InitProducerId: ends what an earlier producer of this id left open, and fences it with a new epoch. */
  init(
    id: string,
    timeoutMs: number,
    expected: { producerId: number; epoch: number } | null,
  ): ProducerGrant | Promise<ProducerGrant> {
    const { configs } = this.#options;
    if (id === '') return refused('INVALID_REQUEST');
    if (timeoutMs <= 0 || timeoutMs > configs.number('transaction.max.timeout.ms'))
      return refused('INVALID_TRANSACTION_TIMEOUT');
    const found = this.#store.get(id);
    if (found && expected && !isSameProducer(found, expected)) return refused('PRODUCER_FENCED');
    if (found && isPrepared(found)) return refused('CONCURRENT_TRANSACTIONS');
    const isOngoing = found?.state === 'Ongoing';
    if (found && expected && expected.epoch !== found.epoch && found.epoch !== NO_EPOCH) {
      // A repeated request whose answer was lost; or one from before somebody else came.
      const isRepetition = !isOngoing && expected.epoch === found.lastEpoch;
      return isRepetition
        ? { error: 'NONE', producerId: found.producerId, epoch: found.epoch }
        : refused('PRODUCER_FENCED');
    }
    const grant = () => this.#grant(id, timeoutMs, expected?.epoch ?? NO_EPOCH);
    if (!isOngoing) return grant();
    const aborted = this.ends.end(found, false, fenced(found));
    const answer = (error: KafkaErrorName) => (error === 'NONE' ? grant() : refused(error));
    return aborted instanceof Promise ? aborted.then(answer) : answer(aborted);
  }

  #grant(id: string, timeoutMs: number, lastEpoch: number): ProducerGrant {
    const nowMs = this.#options.clock.now();
    const found = this.#store.get(id);
    if (found && isPrepared(found)) return refused('CONCURRENT_TRANSACTIONS');
    const isSpent = found !== undefined && isExhausted(found.epoch);
    const producerId = found && !isSpent ? found.producerId : this.#newProducerId();
    if (producerId === null) return refused('COORDINATOR_LOAD_IN_PROGRESS');
    const before = found ?? newTransaction(id, producerId, nowMs);
    const next: Transaction = {
      ...before,
      producerId,
      previousProducerId: isSpent ? before.producerId : NO_PRODUCER_ID,
      nextProducerId: NO_PRODUCER_ID,
      epoch: isSpent ? 0 : before.epoch + 1,
      lastEpoch,
      timeoutMs,
      state: 'Empty',
      partitions: new Map(),
      startedAtMs: -1,
      updatedAtMs: nowMs,
    };
    if (!this.#store.save(next)) return refused('COORDINATOR_NOT_AVAILABLE');
    return { error: 'NONE', producerId, epoch: next.epoch };
  }

  #newProducerId(): number | null {
    const { health, producerIds } = this.#options;
    return health.attempt('producer ids', () => producerIds.next());
  }

  /** Adds partitions to the producer's transaction, which begins with the first ones. */
  add(producer: ProducerIdentity, partitions: readonly PartitionName[], clientVersion = 0): KafkaErrorName {
    const found = this.#of(producer);
    if (typeof found === 'string') return found;
    if (isPrepared(found)) return 'CONCURRENT_TRANSACTIONS';
    const isOngoing = found.state === 'Ongoing';
    if (isOngoing && partitions.every(({ topic, partition }) => hasPartition(found, topic, partition)))
      return 'NONE';
    const nowMs = this.#options.clock.now();
    const isSaved = this.#store.save({
      ...found,
      state: 'Ongoing',
      partitions: withPartitions(isOngoing ? found.partitions : new Map(), partitions),
      startedAtMs: isOngoing ? found.startedAtMs : nowMs,
      updatedAtMs: nowMs,
      clientVersion,
    });
    return isSaved ? 'NONE' : 'COORDINATOR_NOT_AVAILABLE';
  }

  /** Whether the partition is in the producer's transaction; TRANSACTION_ABORTABLE when it was never added. */
  verify(producer: ProducerIdentity, { topic, partition }: PartitionName): KafkaErrorName {
    const found = this.#of(producer);
    if (typeof found === 'string') return found;
    if (isPrepared(found)) return 'CONCURRENT_TRANSACTIONS';
    const isIn = found.state === 'Ongoing' && hasPartition(found, topic, partition);
    return isIn ? 'NONE' : 'TRANSACTION_ABORTABLE';
  }

  #of({ transactionalId, producerId, epoch }: ProducerIdentity): Transaction | KafkaErrorName {
    if (transactionalId === '') return 'INVALID_REQUEST';
    const found = this.#store.get(transactionalId);
    if (!found || found.producerId !== producerId) return 'INVALID_PRODUCER_ID_MAPPING';
    return found.epoch === epoch ? found : 'PRODUCER_FENCED';
  }

  /**
   * EndTxn. With `isV2` the producer gets a new epoch with the end, so that nothing late can come into its next transaction
   * (KIP-890); the same request again gets the same answer.
   */
  end(producer: ProducerIdentity, isCommit: boolean, isV2: boolean): ProducerGrant | Promise<ProducerGrant> {
    const { transactionalId, producerId, epoch } = producer;
    const found = this.#store.get(transactionalId);
    if (transactionalId === '') return refused('INVALID_REQUEST');
    if (!found) return refused('INVALID_PRODUCER_ID_MAPPING');
    const wanted = isCommit ? 'CompleteCommit' : 'CompleteAbort';
    const current: ProducerGrant = { error: 'NONE', producerId: found.producerId, epoch: found.epoch };
    if (isV2 && isRepeated(found, producer)) {
      if (isPrepared(found)) return refused('CONCURRENT_TRANSACTIONS');
      if (found.state === wanted) return current;
      // The next transaction may have begun meanwhile only if the answer came; before the first one there was none.
      const isOther = found.state === 'Ongoing' || found.state === 'Empty';
      return refused(isOther ? 'PRODUCER_FENCED' : 'INVALID_TXN_STATE');
    }
    if (found.producerId !== producerId) return refused('INVALID_PRODUCER_ID_MAPPING');
    if (found.epoch !== epoch) return refused('PRODUCER_FENCED');
    if (isPrepared(found)) return refused('CONCURRENT_TRANSACTIONS');
    if (found.state !== 'Ongoing') {
      if (!isV2) return found.state === wanted ? current : refused('INVALID_TXN_STATE');
      // An abort fences what the producer may have sent to partitions that never came to know of the transaction.
      if (isCommit) return refused('INVALID_TXN_STATE');
    }
    const next = isV2 ? this.#bumped(found) : {};
    if (next === null) return refused('COORDINATOR_LOAD_IN_PROGRESS');
    const ongoing = found.state === 'Ongoing' ? found : { ...found, partitions: new Map() };
    const ended = this.ends.end(ongoing, isCommit, next);
    const answer = (error: KafkaErrorName): ProducerGrant => {
      if (error !== 'NONE') return refused(error);
      const now = this.#store.get(transactionalId)!;
      const hasNext = isPrepared(now) && now.nextProducerId !== NO_PRODUCER_ID;
      return {
        error,
        producerId: hasNext ? now.nextProducerId : now.producerId,
        epoch: hasNext ? 0 : now.epoch,
      };
    };
    return ended instanceof Promise ? ended.then(answer) : answer(ended);
  }

  /** The epoch that follows, or a new id where the epochs are used up; null when there is none to be had. */
  #bumped({ epoch }: Transaction): Partial<Transaction> | null {
    const next = { epoch: epoch + 1, lastEpoch: epoch, clientVersion: TRANSACTION_V2 };
    if (!isExhausted(epoch)) return next;
    const nextProducerId = this.#newProducerId();
    return nextProducerId === null ? null : { ...next, nextProducerId };
  }

  /** Aborts what has been open for longer than its producer asked for, and fences the producer. */
  async abortOverdue(): Promise<void> {
    const { clock, log } = this.#options;
    for (const { id } of this.#store.all()) {
      const transaction = this.#store.get(id);
      if (transaction?.state !== 'Ongoing') continue;
      const { startedAtMs, timeoutMs } = transaction;
      if (clock.now() - startedAtMs < timeoutMs) continue;
      log.warn({ transactionalId: id, timeoutMs }, 'transaction aborted: it was open for too long');
      await this.ends.end(transaction, false, fenced(transaction));
    }
  }

  /** Forgets ids that nobody has used for long. */
  expire(): void {
    const { configs, clock } = this.#options;
    const before = clock.now() - configs.number('transactional.id.expiration.ms');
    for (const { id, state, updatedAtMs } of this.all()) {
      if (state === 'Ongoing' || state.startsWith('Prepare') || updatedAtMs > before) continue;
      this.#store.delete(id);
    }
  }
}

/** The producer of this id, or the one that it was before its epochs were used up. */
function isSameProducer(
  { producerId, previousProducerId, epoch }: Transaction,
  expected: { producerId: number; epoch: number },
): boolean {
  if (epoch === NO_EPOCH || expected.producerId === producerId) return true;
  return expected.producerId === previousProducerId && isExhausted(expected.epoch);
}

/** An end whose answer was lost comes with the epoch, or the id, before. */
function isRepeated(
  { producerId, previousProducerId, epoch }: Transaction,
  producer: ProducerIdentity,
): boolean {
  if (producer.producerId === producerId) return producer.epoch === epoch - 1;
  return producer.producerId === previousProducerId && isExhausted(producer.epoch) && epoch === 0;
}

/** Who held the epoch before cannot go on. */
const fenced = ({ epoch }: Transaction): Partial<Transaction> => ({ epoch: epoch + 1, lastEpoch: NO_EPOCH });
