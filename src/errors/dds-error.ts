import type { ErrorEntry } from './error-entry.ts';
import { type ErrorCode, errorTable } from './table.ts';

export interface DdsErrorOptions {
  /** What to do next, when more is known than the table's general hint. */
  hint?: string;
  /** Machine-readable facts (file, line, value …) for `--json`. */
  details?: Record<string, unknown>;
  cause?: unknown;
}

/** The shape of an error under `--json`, and on the wire between dds processes. */
export interface DdsErrorBody {
  code: ErrorCode;
  message: string;
  hint: string;
  exitCode: number;
  retriable: boolean;
  details?: Record<string, unknown>;
}

/**
 * The one error class. `message` is one line that says what was wrong and the value seen; what to do next is
 * the hint. Everything else comes from the table.
 */
export class DdsError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message: string, options: DdsErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'DdsError';
    this.code = code;
    this.hint = options.hint ?? errorTable[code].hint;
    this.details = options.details;
  }

  get entry(): ErrorEntry {
    return errorTable[this.code];
  }

  toBody(): DdsErrorBody {
    const { exitCode, retriable } = this.entry;
    return {
      code: this.code,
      message: this.message,
      hint: this.hint,
      exitCode,
      retriable,
      ...(this.details && { details: this.details }),
    };
  }

  static fromBody(body: DdsErrorBody): DdsError {
    return new DdsError(body.code, body.message, {
      hint: body.hint,
      ...(body.details && { details: body.details }),
    });
  }

  /** Wraps whatever was thrown; what is not a DdsError is a bug until somebody gives it a code. */
  static from(thrown: unknown): DdsError {
    if (thrown instanceof DdsError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new DdsError('DDS_BUG', message.split('\n')[0] ?? '', { cause: thrown });
  }
}
