import type { Clock } from '../../../shared/clock.ts';
import { BatchBuilder, RecordWalker } from '../../protocol/index.ts';
import { TRANSACTIONS_TOPIC } from './topic-names.ts';
import type { Topics } from './topics.ts';
import type { Transaction } from './transaction.ts';
import {
  decodeTransaction,
  decodeTransactionKey,
  encodeTransaction,
  encodeTransactionKey,
} from './transaction-records.ts';

/** What the coordinator knows as records of the compacted topic `__transaction_state`, created when first needed. */
export class TransactionStore {
  readonly #topics: Topics;
  readonly #clock: Clock;
  readonly #latest = new Map<string, Transaction>();

  constructor(topics: Topics, clock: Clock) {
    this.#topics = topics;
    this.#clock = clock;
  }

  get(id: string): Transaction | undefined {
    return this.#latest.get(id);
  }

  all(): Transaction[] {
    return [...this.#latest.values()];
  }

  /** False, here and below, when the disk does not take it; then all stays as it was. */
  save(transaction: Transaction): boolean {
    if (!this.#append(transaction.id, encodeTransaction(transaction))) return false;
    this.#latest.set(transaction.id, transaction);
    return true;
  }

  delete(id: string): boolean {
    return this.#append(id, null) && this.#latest.delete(id);
  }

  #append(id: string, value: Buffer | null): boolean {
    const nowMs = this.#clock.now();
    const builder = new BatchBuilder(512);
    builder.append(encodeTransactionKey(id), value, nowMs);
    const log = this.#topics.ownLog(TRANSACTIONS_TOPIC);
    return log?.appendTrusted(builder.build(), nowMs).ok ?? false;
  }

  /** Resolves when all that was saved survives a loss of power. */
  async sync(): Promise<void> {
    await this.#topics.ownLog(TRANSACTIONS_TOPIC)?.log.sync();
  }

  /** Reads back the latest of each id. */
  load(): void {
    const log = this.#topics.partition(TRANSACTIONS_TOPIC, 0);
    if (!log) return;
    for (const batch of log.log.batches(log.startOffset)) {
      const records = new RecordWalker(batch.bytes);
      while (records.next()) {
        const key = records.key();
        const id = key ? decodeTransactionKey(key) : null;
        if (id === null) continue;
        const value = records.value();
        const transaction = value ? decodeTransaction(id, value) : null;
        if (transaction) this.#latest.set(id, transaction);
        else this.#latest.delete(id);
      }
    }
  }
}
