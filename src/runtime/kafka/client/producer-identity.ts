import { initProducerId } from '../../protocol/index.ts';
import type { Cluster } from './cluster.ts';
import { kafkaError } from './errors.ts';
import type { ProducerSession } from './pending-batch.ts';
import type { Transaction } from './transaction.ts';

/** Between questions to a cluster that gives no id. */
const PAUSE_MS = 200;
/** An id of its own has no transactions, but the API asks. */
const TIMEOUT_MS = 60_000;

/** Under which id and epoch batches go, so that a broker knows those that come twice. */
export class ProducerIdentity {
  readonly #cluster: Cluster;
  readonly #transaction: Transaction | null;
  readonly #isNeeded: boolean;
  #session: ProducerSession | null = null;
  #opening: Promise<void> | null = null;
  #isReopening = false;

  constructor(cluster: Cluster, isNeeded: boolean, transaction: Transaction | null) {
    this.#cluster = cluster;
    this.#isNeeded = isNeeded;
    this.#transaction = transaction;
  }

  /** That of the transaction, where there is one: each end of one may bring another. */
  get current(): ProducerSession | null {
    return this.#transaction?.session ?? this.#session;
  }

  get isMissing(): boolean {
    return this.#isNeeded && !this.#session;
  }

  forget(): void {
    this.#session = null;
  }

  open(): Promise<void> {
    if (!this.#isNeeded) return this.#cluster.any().then(() => undefined);
    this.#opening ??= this.#ask().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** Asks for another one, and calls back, also when there is none yet. */
  reopen(done: () => void): void {
    if (this.#isReopening) return;
    this.#isReopening = true;
    this.open()
      .catch(() => this.#cluster.clock.sleep(PAUSE_MS))
      .finally(() => {
        this.#isReopening = false;
        done();
      });
  }

  async #ask(): Promise<void> {
    if (this.#transaction) {
      this.#session = await this.#transaction.open();
      return;
    }
    this.#session = await this.#cluster.retrying(async () => {
      const connection = await this.#cluster.any();
      const answer = await connection.request(initProducerId, { transactionTimeoutMs: TIMEOUT_MS });
      if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, 'asking for a producer id');
      return { producerId: answer.producerId, epoch: answer.producerEpoch };
    });
  }
}
