import type { Clock } from '../../../../shared/clock.ts';
import type { CassandraSession, Statement } from './session.ts';
import { isOverload } from './store-error.ts';

const leastAtOnce = 4;
const mostAtOnce = 256;
const firstAtOnce = 32;
/** Answers of "overloaded" to one batch in a row, after which the round is given up. */
const mostAttempts = 8;

/**
 * Sends batches, so many at once as the cluster takes: one more after every answer for each of those under way, half of them when
 * it says that it is overloaded; what it refused then is sent again.
 */
export class BatchWriter {
  readonly #session: CassandraSession;
  readonly #clock: Clock;
  #atOnce = firstAtOnce;
  #answers = 0;
  #running = 0;
  #waiting: Statement[][] = [];
  #next = 0;
  #failure: unknown = null;
  #idle: (() => void) | null = null;

  constructor(session: CassandraSession, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
  }

  /** Batches under way at most. */
  get atOnce(): number {
    return this.#atOnce;
  }

  add(statements: Statement[]): void {
    this.#waiting.push(statements);
    this.#start();
  }

  /** Resolves when everything is stored; after a failure when nothing is under way any more, with the failure. */
  async drain(): Promise<void> {
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure;
  }

  /** Forgets what has not been sent. */
  discard(): void {
    this.#waiting = [];
    this.#next = 0;
  }

  #start(): void {
    while (this.#running < this.#atOnce && this.#next < this.#waiting.length) {
      this.#running++;
      void this.#send(this.#waiting[this.#next++]!);
    }
    if (this.#next < this.#waiting.length) return;
    this.discard();
    if (this.#running > 0) return;
    this.#idle?.();
    this.#idle = null;
  }

  async #send(statements: Statement[]): Promise<void> {
    try {
      await this.#write(statements);
      if (++this.#answers >= this.#atOnce) {
        this.#answers = 0;
        if (this.#atOnce < mostAtOnce) this.#atOnce++;
      }
    } catch (error) {
      this.#failure ??= error;
      this.discard();
    }
    this.#running--;
    this.#start();
  }

  async #write(statements: Statement[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#session.write(statements);
        return;
      } catch (error) {
        const isLast = attempt === mostAttempts || this.#failure !== null;
        this.#atOnce = Math.max(leastAtOnce, this.#atOnce >> 1);
        this.#answers = 0;
        if (isLast || !isOverload(error)) throw error;
        await this.#clock.sleep(20 * 2 ** attempt);
      }
    }
  }
}
