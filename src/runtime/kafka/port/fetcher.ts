import type { RecordCursor } from '../record-cursor.ts';
import type { TopicPartition } from './records.ts';

export interface FetcherOptions {
  /** Longest wait at the broker for the first byte, ms. Default 500. */
  maxWaitMs?: number;
  minBytes?: number;
  /** Per partition and answer. Default 1 MiB. */
  maxPartitionBytes?: number;
  /** Of one answer. Default 8 MiB: it bounds the memory. */
  maxBytes?: number;
  /** Default read_committed. */
  isolation?: 'read_committed' | 'read_uncommitted';
}

export interface FetchedPartition extends TopicPartition {
  /** The offset the fetch asked for. */
  fetchOffset: number;
  /** Where to go on after this; past the last record, also when control records or gaps end the batch. */
  nextOffset: number;
  highWatermark: number;
  logStartOffset: number;
  /** Walks the data records at or after fetchOffset. Valid until the next poll(). */
  records: RecordCursor;
  /** Number of bytes of the batches, as on the wire. */
  bytes: number;
}

export type FetchProblem = TopicPartition & {
  /** `out-of-range`: the position is before the log's start (or past its end); nothing is skipped, the owner seeks. `unknown-topic`: it was deleted. */
  kind: 'out-of-range' | 'unknown-topic' | 'corrupt' | 'error';
  fetchOffset: number;
  error: Error;
};

export interface FetchResult {
  partitions: FetchedPartition[];
  problems: FetchProblem[];
}

/** Reads partitions that the caller chooses, without a consumer group. */
export interface Fetcher {
  /** Adds a partition, or moves it. */
  seek(topic: string, partition: number, offset: number): void;
  remove(topic: string, partition: number): void;
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
  /** Next offset to fetch, per assigned partition. */
  position(topic: string, partition: number): number | undefined;
  /**
   * Resolves as soon as any broker has data or a problem to tell, else empty after `waitMs`. A broker that is gone is
   * retried with backoff inside, and shows in `unreachable`. Only one poll at a time. While the caller works on a
   * result, the next fetch is already on its way (one answer per broker is buffered, no more).
   */
  poll(waitMs: number, signal?: AbortSignal): Promise<FetchResult>;
  /** Set while the brokers of some assigned partitions do not answer. */
  readonly unreachable: Error | null;
  close(): Promise<void>;
}
