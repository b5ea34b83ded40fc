/** One record of the registry's topic; both parts are JSON text, a null value is a tombstone. */
export interface LogRecord {
  key: string;
  value: string | null;
}

/** Where the registry keeps its state: an ordered, durable log of records. */
export interface SchemaLog {
  /** All records there are, in order. `signal` gives it up. */
  load(signal?: AbortSignal): Promise<LogRecord[]>;
  /** Resolves when all the records are durable. When it rejects, nothing is known of them: load again. */
  append(records: readonly LogRecord[]): Promise<void>;
  close(): Promise<void>;
}
