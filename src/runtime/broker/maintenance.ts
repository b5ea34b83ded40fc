import type { BrokerState } from './state/broker-state.ts';
import { compactLogs } from './state/cleaner.ts';
import { applyRetention } from './state/retention.ts';
import { scrubLogs } from './state/scrub.ts';

const STORAGE_RETRY_MS = 500;
/** A timer that is to wait for longer would not wait at all. */
const LONGEST_TIMER_MS = 0x7fffffff;

/** What a broker does now and then: retention, compaction, expiry. One job at a time, so that none meets another's changes. */
export class Maintenance {
  readonly #state: BrokerState;
  readonly #stopped = new AbortController();
  #running: Promise<void> = Promise.resolve();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(state: BrokerState) {
    this.#state = state;
  }

  start(): void {
    const { configs } = this.#state;
    this.#every(configs.number('log.retention.check.interval.ms'), () => applyRetention(this.#state));
    const isStopped = () => this.#stopped.signal.aborted;
    this.#once(() => scrubLogs(this.#state, isStopped));
    this.#every(configs.number('log.cleaner.backoff.ms'), () => compactLogs(this.#state, isStopped));
    // Beside the queue: clients wait for it.
    this.#timers.push(setInterval(() => this.#state.retryStorage(), STORAGE_RETRY_MS).unref());
    const overdueMs = configs.number('transaction.abort.timed.out.transaction.cleanup.interval.ms');
    const abortOverdue = () => this.#state.transactions.abortOverdue().catch(this.#failed);
    this.#timers.push(setInterval(abortOverdue, overdueMs).unref());
    const { transactions } = this.#state;
    this.#every(configs.number('transaction.remove.expired.transaction.cleanup.interval.ms'), () =>
      transactions.expire(),
    );
    this.#every(configs.number('offsets.retention.check.interval.ms'), () => this.#state.groups.expire());
  }

  #every(ms: number, job: () => void | Promise<void>): void {
    let isQueued = false;
    const queue = () => {
      if (isQueued) return;
      isQueued = true;
      this.#once(() => {
        isQueued = false;
        return job();
      });
    };
    this.#timers.push(setInterval(queue, Math.min(ms, LONGEST_TIMER_MS)).unref());
  }

  #once(job: () => void | Promise<void>): void {
    this.#running = this.#running.then(async () => {
      if (this.#stopped.signal.aborted) return;
      try {
        await job();
      } catch (error) {
        this.#failed(error);
      }
    });
  }

  readonly #failed = (error: unknown): void => {
    const err = error instanceof Error ? error.stack : String(error);
    this.#state.log.error({ err }, 'maintenance failed');
  };

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#stopped.abort();
    await this.#running;
  }
}
