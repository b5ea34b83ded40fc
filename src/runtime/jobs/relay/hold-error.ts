import type { HoldReason } from './types.ts';

/** Something that stops one partition, and nothing else, until it is put right. */
export class HoldError extends Error {
  readonly reason: HoldReason;

  constructor(reason: HoldReason, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'HoldError';
    this.reason = reason;
  }
}
