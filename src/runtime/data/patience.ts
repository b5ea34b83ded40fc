import { DdsError, type ErrorCode } from '../../errors/index.ts';
import type { Clock } from '../../shared/clock.ts';

export interface PatienceOptions {
  site: string;
  /** As it is told to the user: `the broker`. */
  what: string;
  /** The code for an error that has none of its own. */
  code: ErrorCode;
  /** How long to wait; null for ever. */
  patienceMs: number | null;
  clock: Clock;
  report(message: string): void;
}

/** Says once that something is gone and once that it is back, and gives up when it stays away for too long. */
export class Patience {
  readonly #options: PatienceOptions;
  #goneAt: number | null = null;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** True while it is gone. */
  get waiting(): boolean {
    return this.#goneAt !== null;
  }

  /** Throws the error when it has been gone for longer than the patience lasts. */
  gone(cause: Error): void {
    const { site, code, patienceMs, clock, report } = this.#options;
    const now = clock.monotonic();
    if (this.#goneAt === null) report(`${site}: ${cause.message}; waiting for it`);
    this.#goneAt ??= now;
    if (patienceMs === null || now - this.#goneAt < patienceMs) return;
    throw cause instanceof DdsError ? cause : new DdsError(code, `${site}: ${cause.message}`, { cause });
  }

  back(): void {
    if (this.#goneAt === null) return;
    this.#goneAt = null;
    this.#options.report(`${this.#options.site}: ${this.#options.what} is back`);
  }
}
