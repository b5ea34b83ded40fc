import type { Header, TopicPartition } from './records.ts';

export interface ProducerOptions {
  /** Default -1 (all). An idempotent producer always uses -1. */
  acks?: -1 | 0 | 1;
  /** Default true: a retry never doubles or reorders a record. */
  idempotent?: boolean;
  /** How long a record may wait for others, ms. Default 5. */
  lingerMs?: number;
  /** A batch is sent when it reaches this size. Default 256 KiB. */
  batchBytes?: number;
  /** Requests under way per broker. Default 5 (the most that idempotence allows). */
  maxInFlight?: number;
  /** A batch that is not acknowledged within this time has failed. Default 120000. */
  deliveryTimeoutMs?: number;
  compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  /**
   * Default false. When true, a batch that is given up takes all that is behind it in its partition with it, so that what
   * is acknowledged has no gap, and sending the rest again keeps the order. Needs idempotence.
   */
  failTogether?: boolean;
  /** Called once per batch, acknowledged or failed; the batch's arrays are only valid during the call. */
  onBatch?(report: BatchReport): void;
}

/** What became of one produced batch. */
export interface BatchReport extends TopicPartition {
  /** Offset of the first record; -1 when it failed or with acks 0. */
  baseOffset: number;
  count: number;
  /** The tag given with each record, in order. */
  tags: Float64Array;
  /** `clock.monotonic()` when the request was written first, and when the answer came. */
  sentAtMs: number;
  ackedAtMs: number;
  /** Set when the batch was given up; nothing is known of what the broker did with it. */
  error: Error | null;
}

export interface Producer {
  start(): Promise<void>;
  /** Number of partitions, from cached metadata. Throws DDS_UNKNOWN_TOPIC. */
  partitionCount(topic: string): Promise<number>;
  /**
   * Adds a record to the partition's open batch. Synchronous and without a limit of its own: a caller that can
   * outrun the broker watches `pendingRecords` or awaits `below()`. `tag` is any number of the caller's that
   * comes back in the BatchReport.
   */
  append(
    topic: string,
    partition: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestampMs: number,
    headers: readonly Header[] | null,
    tag: number,
  ): void;
  /** Records appended and not yet acknowledged or failed. */
  readonly pendingRecords: number;
  readonly pendingBytes: number;
  /** Resolves when fewer than `records` are pending. */
  below(records: number): Promise<void>;
  /** Sends all that is open and resolves when nothing is pending. Rejects with the first batch error since the last flush. */
  flush(): Promise<void>;
  /** Flushes, then closes; with an aborted signal, closes at once. */
  close(signal?: AbortSignal): Promise<void>;
}

export interface TransactionalProducerOptions
  extends Omit<ProducerOptions, 'acks' | 'idempotent' | 'failTogether'> {
  /** Who this is, over restarts: a newer producer of the same id fences the older one. */
  transactionalId: string;
  /** A transaction that is open for longer is aborted by the cluster, and its producer fenced, ms. Default 60000. */
  transactionTimeoutMs?: number;
}

export interface OffsetToSend extends TopicPartition {
  offset: number;
  metadata?: string;
}

/** The member of a group that consumed; a `GroupGeneration` is one. KIP-447. */
export interface TransactionMember {
  readonly memberId: string;
  /** Generation. */
  readonly id: number;
}

/**
 * A producer whose records, and offsets of what they were made from, are seen by read_committed readers all or never:
 * `start()` once, then `begin()`, `append()`, `sendOffsets()`, `commit()` over and over. Whatever fails within a
 * transaction, it can only be aborted then; after DDS_FENCED the producer is of no more use, and closing it is all there is.
 */
export interface TransactionalProducer extends Producer {
  /** Takes the id over: an earlier producer is fenced, what it left open is aborted. Throws DDS_FENCED, DDS_BROKER_UNREACHABLE. */
  start(): Promise<void>;
  /** True from `begin()` until a commit or an abort has gone well. */
  readonly inTransaction: boolean;
  /** What has failed within the transaction, which can only be aborted then; null while all is well. */
  readonly failure: Error | null;
  /** Asks nobody. Throws DDS_BUG within a transaction, DDS_FENCED when it was taken over. */
  begin(): void;
  /**
   * Commits offsets of a group with the transaction. With a member only as long as the group has not given its partitions
   * to others: throws an error that `isPartitionsLost` knows then.
   */
  sendOffsets(group: string, offsets: readonly OffsetToSend[], member?: TransactionMember): Promise<void>;
  /**
   * Flushes, then commits; one that has nothing in it asks nobody. Throws what has failed within: then `abort()`. Throws
   * DDS_BROKER_UNREACHABLE when no coordinator answered for the delivery timeout: then it may be called again.
   */
  commit(): Promise<void>;
  /** Gives up what is pending (reported as failed) and aborts. Throws DDS_FENCED. */
  abort(): Promise<void>;
  /** Aborts what is open, then closes; with an aborted signal, closes at once. */
  close(signal?: AbortSignal): Promise<void>;
}
