/** Thrown by a serde that misses something, such as a schema: after `load` the same call may be made again. */
export class NotReady extends Error {
  readonly load: () => Promise<unknown>;

  constructor(load: () => Promise<unknown>) {
    super('a schema is still to come');
    this.load = load;
  }
}

/** Where a record fails: its bytes cannot be read, a function of the job throws, or what it led to cannot be written. */
export type Stage = 'deserialization' | 'processing' | 'production';

export class RecordError extends Error {
  readonly stage: Stage;

  constructor(stage: Stage, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.stage = stage;
  }
}

/** Marks an error of a serde; one that only waits stays what it is. */
export function serdeError(stage: Stage, error: unknown): Error {
  return error instanceof NotReady ? error : new RecordError(stage, error);
}
