import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { KafkaErrorName, TransactionMarker } from '../../protocol/index.ts';
import type { StorageHealth } from '../storage/health.ts';
import type { GroupCoordinator } from './group-coordinator.ts';
import type { PartitionLog } from './partition-log.ts';
import { OFFSETS_TOPIC, TRANSACTIONS_TOPIC } from './topic-names.ts';
import type { Topics } from './topics.ts';
import {
  hasPartition,
  isPrepared,
  NO_EPOCH,
  NO_PRODUCER_ID,
  partitionsOf,
  type Transaction,
} from './transaction.ts';
import type { TransactionStore } from './transaction-store.ts';

/** One node coordinates for ever. */
const COORDINATOR_EPOCH = 0;

export interface TransactionEndsOptions {
  store: TransactionStore;
  topics: Topics;
  groups: GroupCoordinator;
  clock: Clock;
  health: StorageHealth;
  log: Logger;
  fsync: boolean;
}

/** How transactions end: the decision is kept first, then each of their partitions gets a marker (KIP-98). */
export class TransactionEnds {
  readonly #options: TransactionEndsOptions;

  constructor(options: TransactionEndsOptions) {
    this.#options = options;
  }

  /** From here on the transaction will end so, whatever happens. */
  end(
    transaction: Transaction,
    isCommit: boolean,
    changes: Partial<Transaction>,
  ): KafkaErrorName | Promise<KafkaErrorName> {
    const { clock, fsync, health, store } = this.#options;
    const prepared: Transaction = {
      ...transaction,
      ...changes,
      state: isCommit ? 'PrepareCommit' : 'PrepareAbort',
      updatedAtMs: clock.now(),
    };
    if (!store.save(prepared)) return 'COORDINATOR_NOT_AVAILABLE';
    if (!fsync) return this.#complete(prepared, false);
    // No marker may survive a loss of power that the decision did not.
    return store.sync().then(
      () => this.#complete(prepared, false),
      (error) => {
        health.writeFailed(error, TRANSACTIONS_TOPIC);
        return 'COORDINATOR_NOT_AVAILABLE';
      },
    );
  }

  /** Writes the markers. What the disk does not take is written again later: the decision stands. */
  #complete(prepared: Transaction, isRepeated: boolean): 'NONE' | Promise<'NONE'> {
    const { topics, fsync, health } = this.#options;
    const { producerId, epoch: producerEpoch } = prepared;
    const isCommit = prepared.state === 'PrepareCommit';
    const marker = { producerId, producerEpoch, isCommit, coordinatorEpoch: COORDINATOR_EPOCH };
    const marked: PartitionLog[] = [];
    let isDone = true;
    for (const { topic, partition } of partitionsOf(prepared)) {
      const log = topics.partition(topic, partition);
      if (!log) continue;
      marked.push(log);
      // Marked before the crash; or somebody has used the id there with an epoch to come.
      const isOver = isRepeated || log.producers.epochOf(producerId) > producerEpoch;
      if (isOver && !log.producers.isOpen(producerId)) continue;
      if (this.#mark(log, marker) !== 'NONE') isDone = false;
    }
    if (!isDone) return 'NONE';
    if (!fsync) return this.#completed(prepared);
    // That the transaction is complete may not survive a loss of power that a marker did not: it would be aborted there.
    return Promise.all(marked.map(({ log }) => log.sync())).then(
      () => this.#completed(prepared),
      (error) => {
        health.writeFailed(error, prepared.id);
        return 'NONE';
      },
    );
  }

  #completed(prepared: Transaction): 'NONE' {
    const { clock, store } = this.#options;
    // Completed already, after trouble with the disk.
    if (store.get(prepared.id) !== prepared) return 'NONE';
    const { producerId, nextProducerId, epoch } = prepared;
    const hasNext = nextProducerId !== NO_PRODUCER_ID;
    store.save({
      ...prepared,
      producerId: hasNext ? nextProducerId : producerId,
      previousProducerId: hasNext ? producerId : prepared.previousProducerId,
      nextProducerId: NO_PRODUCER_ID,
      epoch: hasNext ? 0 : epoch,
      state: prepared.state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort',
      partitions: new Map(),
      updatedAtMs: clock.now(),
    });
    return 'NONE';
  }

  /** Ends a producer's transaction in one partition for somebody who says that he is its coordinator. */
  writeMarker(topic: string, partition: number, marker: TransactionMarker): KafkaErrorName {
    const log = this.#options.topics.partition(topic, partition);
    if (!log) return 'UNKNOWN_TOPIC_OR_PARTITION';
    const { producerId, producerEpoch, coordinatorEpoch } = marker;
    if (producerEpoch < log.producers.epochOf(producerId)) return 'INVALID_PRODUCER_EPOCH';
    if (coordinatorEpoch < log.producers.coordinatorEpochOf(producerId))
      return 'TRANSACTION_COORDINATOR_FENCED';
    return this.#mark(log, marker);
  }

  /** Offsets that the transaction holds in groups come along. */
  #mark(log: PartitionLog, marker: TransactionMarker): KafkaErrorName {
    const { groups, clock } = this.#options;
    const written = log.endTransaction(marker, clock.now());
    if (!written.ok) return written.error;
    if (log.topic === OFFSETS_TOPIC) groups.endTransaction(marker.producerId, marker.isCommit);
    return 'NONE';
  }

  /** Goes on with what was decided: after a crash, and when the disk takes writes again. */
  completePrepared(): void {
    for (const transaction of this.#options.store.all())
      if (isPrepared(transaction)) void this.#complete(transaction, true);
  }

  /**
   * Transactions that are open in a partition and that the coordinator knows nothing of: a loss of power, or somebody who
   * removed files, left them. Nobody would ever end them, and readers would wait for ever.
   */
  abortOrphans(): void {
    const { topics, log: logger } = this.#options;
    const known = new Map(
      this.#options.store.all().map((transaction) => [transaction.producerId, transaction]),
    );
    for (const { name, partitions } of topics.all()) {
      for (const log of partitions) {
        const { partition } = log;
        for (const { producerId, epoch } of log.producers.open) {
          const owner = known.get(producerId);
          // Decided; the disk did not take the marker yet.
          if (owner && isPrepared(owner)) continue;
          if (owner?.state === 'Ongoing' && owner.epoch === epoch && hasPartition(owner, name, partition))
            continue;
          logger.warn({ topic: name, partition, producerId }, 'open transaction without an owner: aborted');
          const producerEpoch = Math.max(epoch, owner?.epoch ?? NO_EPOCH);
          const coordinatorEpoch = COORDINATOR_EPOCH;
          this.#mark(log, { producerId, producerEpoch, coordinatorEpoch, isCommit: false });
        }
      }
    }
  }
}
