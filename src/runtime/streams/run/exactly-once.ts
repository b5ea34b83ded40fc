import type { DdsError } from '../../../errors/index.ts';
import type { Clock } from '../../../shared/clock.ts';
import { isAbortable, isFenced, type Kafka, type TransactionalProducer } from '../../kafka/index.ts';
import type { Append, Guarantee, Work } from './guarantee.ts';

export interface ExactlyOnceOptions {
  kafka: Kafka;
  /** Of the job. */
  group: string;
  transactionalId: string;
  transactionTimeoutMs: number;
  clock: Clock;
}

/**
 * Outputs, state and positions in one transaction (KIP-98), by one producer for all tasks of the instance (KIP-447): the group's
 * generation goes with the positions, so that an instance that the group has put out cannot commit.
 */
export class ExactlyOnce implements Guarantee {
  readonly hasMarks = false;
  readonly #options: ExactlyOnceOptions;
  #producer: TransactionalProducer;
  /** When the first record of the transaction was written, ms; null while it has none. */
  #openSinceMs: number | null = null;

  constructor(options: ExactlyOnceOptions) {
    this.#options = options;
    this.#producer = this.#newProducer();
  }

  #newProducer(): TransactionalProducer {
    const { kafka, transactionalId, transactionTimeoutMs } = this.#options;
    return kafka.producer({ transactionalId, transactionTimeoutMs });
  }

  /** Fences who had the id before, and aborts what that one left open: only then positions may be read. */
  async start(): Promise<void> {
    await this.#producer.start();
    this.#producer.begin();
    this.#openSinceMs = null;
  }

  readonly append: Append = (topic, partition, key, value, timestamp, headers) => {
    // What joins a transaction that has failed would be given up with it; its commit tells.
    if (this.#producer.failure) return;
    this.#openSinceMs ??= this.#options.clock.now();
    this.#producer.append(topic, partition, key, value, timestamp, headers, 0);
  };

  async commit({ generation, moved, all, onStep }: Work): Promise<boolean> {
    if (moved.length === 0 && this.#openSinceMs === null) return true;
    try {
      this.#openSinceMs ??= this.#options.clock.now();
      // Without a position the generation would not be looked at: timers of wall time write and move none.
      const offsets = moved.length > 0 ? moved : all();
      if (!generation.isLost) {
        const sent = this.#producer.sendOffsets(this.#options.group, offsets, generation);
        await Promise.all([sent, this.#producer.flush()]);
        onStep('written');
        await this.#producer.commit();
        this.#producer.begin();
        this.#openSinceMs = null;
        onStep('committed');
        return true;
      }
    } catch (error) {
      if (!isAbortable(error)) throw error;
    }
    await this.giveUp();
    return false;
  }

  /** Aborts. Where that cannot be, a producer that begins anew with the id has the same effect. Throws DDS_FENCED. */
  async giveUp(): Promise<void> {
    try {
      await this.#producer.abort();
      this.#producer.begin();
      this.#openSinceMs = null;
    } catch (error) {
      if (this.#wasTakenOver(error)) throw error;
      await this.#producer.close(AbortSignal.abort()).catch(() => undefined);
      this.#producer = this.#newProducer();
      await this.start();
    }
  }

  /** Fenced although the time was not over, and the id not forgotten: somebody else has it. */
  #wasTakenOver(error: unknown): boolean {
    if (!isFenced(error) || (error as DdsError).details?.kafka === 'INVALID_PRODUCER_ID_MAPPING')
      return false;
    const { clock, transactionTimeoutMs } = this.#options;
    return clock.now() - (this.#openSinceMs ?? clock.now()) < transactionTimeoutMs;
  }

  close(signal?: AbortSignal): Promise<void> {
    return this.#producer.close(signal);
  }
}
