import { DdsError } from '../../../errors/index.ts';
import type {
  OffsetToSend,
  TransactionalProducer,
  TransactionalProducerOptions,
  TransactionMember,
} from '../port.ts';
import type { Cluster } from './cluster.ts';
import { isFenced } from './errors.ts';
import { BatchProducer } from './producer.ts';
import { Transaction } from './transaction.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_PATIENCE_MS = 120_000;

/** `failed`: it can only be aborted. `ending`: what became of the end is not known, it may be asked for again. */
type State = 'idle' | 'open' | 'failed' | 'ending' | 'fenced';

/** A batch producer whose records all belong to transactions (KIP-98). */
export class BatchTransactionalProducer extends BatchProducer implements TransactionalProducer {
  readonly #transaction: Transaction;
  #state: State = 'idle';
  #isStarted = false;
  /** Offsets on their way. */
  #sending = new Set<Promise<void>>();
  #failure: Error | null = null;

  constructor(cluster: Cluster, options: TransactionalProducerOptions) {
    const { transactionalId, transactionTimeoutMs = DEFAULT_TIMEOUT_MS, ...rest } = options;
    const patienceMs = options.deliveryTimeoutMs ?? DEFAULT_PATIENCE_MS;
    const transaction = new Transaction(cluster, {
      ...{ transactionalId, timeoutMs: transactionTimeoutMs, patienceMs },
    });
    super(cluster, rest, {
      transaction,
      isOpen: () => this.#state === 'open',
      onFailure: (e) => this.#fail(e),
    });
    this.#transaction = transaction;
  }

  get inTransaction(): boolean {
    return this.#state !== 'idle' && this.#state !== 'fenced';
  }

  get failure(): Error | null {
    return this.#state === 'failed' || this.#state === 'fenced' ? this.#failure : null;
  }

  override async start(): Promise<void> {
    await super.start();
    this.#isStarted = true;
  }

  begin(): void {
    if (!this.#isStarted) throw new DdsError('DDS_BUG', 'begin() before start()');
    if (this.#state === 'fenced') throw this.#failure;
    if (this.#state !== 'idle') throw new DdsError('DDS_BUG', 'begin() within a transaction');
    this.#state = 'open';
  }

  async sendOffsets(
    group: string,
    offsets: readonly OffsetToSend[],
    member?: TransactionMember,
  ): Promise<void> {
    this.#mustBeOpen('sendOffsets()');
    if (offsets.length === 0) return;
    const sending = this.#transaction.sendOffsets(group, offsets, member);
    this.#sending.add(sending);
    try {
      await sending;
    } catch (error) {
      this.#fail(error as Error);
      throw error;
    } finally {
      this.#sending.delete(sending);
    }
  }

  async commit(): Promise<void> {
    if (this.#state !== 'ending') {
      this.#mustBeOpen('commit()');
      await Promise.all([this.flush(), ...this.#sending]);
      // The flush may have gone well although a batch failed before it.
      this.#mustBeOpen('commit()');
    }
    await this.#end(true);
  }

  async abort(): Promise<void> {
    if (this.#state === 'fenced') throw this.#failure;
    if (this.#state === 'idle') throw new DdsError('DDS_BUG', 'abort() outside of a transaction');
    const wasUnsure = this.#state === 'ending';
    this.#state = 'failed';
    const hasGap = await this.giveUp(new DdsError('DDS_FAILED', 'the transaction was aborted'));
    await Promise.allSettled(this.#sending);
    await this.#end(false);
    // Version 1 keeps the epoch: a gap in the sequence of a partition is closed by a new one (KIP-360).
    if ((hasGap || wasUnsure) && !this.#transaction.isV2) await this.#checked(this.#transaction.open());
    this.#failure = null;
  }

  async #end(committed: boolean): Promise<void> {
    this.#state = 'ending';
    await this.#checked(this.#transaction.end(committed));
    this.#state = 'idle';
  }

  async #checked(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (isFenced(error)) this.#fail(error as Error);
      throw error;
    }
  }

  #fail(error: Error): void {
    if (this.#state === 'fenced') return;
    if (isFenced(error)) this.#state = 'fenced';
    else if (this.#state === 'open') this.#state = 'failed';
    else return;
    this.#failure = error;
  }

  #mustBeOpen(what: string): void {
    if (this.#state === 'open') return;
    if (this.#failure && this.#state !== 'idle') throw this.#failure;
    throw new DdsError('DDS_BUG', `${what} outside of a transaction`);
  }

  /** What is open is aborted, unless the signal says at once; the coordinator does it else, when its time is over. */
  override async close(signal?: AbortSignal): Promise<void> {
    try {
      if (!signal?.aborted && this.inTransaction) await this.abort();
    } finally {
      this.#transaction.close();
      await super.close(AbortSignal.abort());
    }
  }
}
