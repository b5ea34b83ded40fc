import type { Header } from './port.ts';

/**
 * Walks the records of fetched batches in offset order. `next()` moves to a record; the fields below then decode
 * from the bytes when read. Buffers are views into the fetched bytes: copy what must outlive the poll.
 */
export interface RecordCursor {
  next(): boolean;
  /** Back to before the first record. */
  rewind(): void;
  readonly offset: number;
  /** ms since the epoch. */
  readonly timestamp: number;
  /** Size of the record in bytes. */
  readonly size: number;
  /** Copies the record as it lies in its batch (`size` bytes), to be read later with `StoredRecord`. */
  copyTo(target: Buffer, at: number): void;
  key(): Buffer | null;
  value(): Buffer | null;
  /** First header of that name; undefined when it isn't there. */
  header(name: string): Buffer | null | undefined;
  headers(): Header[];
}
