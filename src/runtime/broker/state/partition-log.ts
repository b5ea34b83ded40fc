import type { Logger } from '../../../shared/logger.ts';
import {
  type KafkaErrorName,
  markerBatch,
  RecordBatch,
  RecordWalker,
  type TransactionMarker,
} from '../../protocol/index.ts';
import { reasonOf, type StorageHealth } from '../storage/health.ts';
import type { Directory } from '../storage/interface.ts';
import { Log } from '../storage/log.ts';
import { offsetsOf, segmentFile } from '../storage/segment-names.ts';
import { type BatchProblem, type RecordError, validateBatch } from './batch-rules.ts';
import type { TopicSettings } from './configs.ts';
import type { Leadership } from './leadership.ts';
import { ProducerState } from './producer-state.ts';

export type AppendResult =
  | { ok: true; baseOffset: number; appendTimeMs: number }
  | {
      ok: false;
      error: KafkaErrorName;
      reason: string;
      recordErrors?: RecordError[];
      /** Where the log starts, when the batch got as far as that. */
      startOffset?: number;
    };

/** Told of appended bytes, synchronously: it must only take note. */
export interface AppendListener {
  /** `stableBytes` of them, and of those before, can be read by read_committed now. */
  appended(bytes: number, stableBytes: number): void;
}

const ofLog = new Set<KafkaErrorName>(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'INVALID_TXN_STATE']);

/** Asked before the first batch of a transaction in this partition is taken. */
export type TransactionGate = (batch: RecordBatch, log: PartitionLog) => BatchProblem | null;
const NO_TRANSACTIONS: TransactionGate = () => ({
  error: 'INVALID_TXN_STATE',
  reason: 'a transactional batch without a transactional id',
});

export interface PartitionLogOptions {
  topic: string;
  partition: number;
  directory: Directory;
  settings: TopicSettings;
  clean: boolean;
  health: StorageHealth;
  log: Logger;
  nowMs: number;
  /** Made when the log is open; its end is where the next batch goes. */
  leadership: (endOffset: number) => Leadership;
}

export interface TimedOffset {
  offset: number;
  timestamp: number;
}

/** One partition: rules and offsets for what is appended, and who waits for it. */
export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly log: Log;
  readonly producers = new ProducerState();
  /** Fetches that wait for records of this partition. */
  readonly listeners = new Set<AppendListener>();
  settings: TopicSettings;
  readonly leadership: Leadership;
  /** Counters since the start. */
  recordsIn = 0;
  bytesIn = 0;
  readonly #health: StorageHealth;
  /** Bytes that read_committed has to wait for. */
  #heldBytes = 0;

  constructor(options: PartitionLogOptions) {
    const { topic, partition, directory, settings, clean, health, log, nowMs, leadership } = options;
    this.topic = topic;
    this.partition = partition;
    this.settings = settings;
    this.#health = health;
    this.log = new Log({ directory, clean, health, log });
    this.leadership = leadership(this.log.nextOffset);
    this.#restoreProducers(nowMs);
  }

  /** There is one copy, whatever the replicas: what is written is replicated. */
  get highWatermark(): number {
    return this.log.nextOffset;
  }

  get startOffset(): number {
    return this.log.startOffset;
  }

  /** Whatever is before it is decided: it belongs to no transaction that is open. */
  get lastStableOffset(): number {
    const open = this.producers.firstOpenOffset;
    return open === null ? this.log.nextOffset : Math.max(open, this.log.startOffset);
  }

  /** Validates the records of a produce request and appends them; the buffer's batch header is patched in place. */
  append(
    records: Buffer,
    nowMs: number,
    latestMs = nowMs,
    gate: TransactionGate = NO_TRANSACTIONS,
  ): AppendResult {
    const { settings } = this;
    const problem = validateBatch(records, settings, nowMs, latestMs);
    const { startOffset } = this;
    if (problem) return { ok: false, ...problem, ...(problem.recordErrors ? { startOffset } : {}) };
    const batch = new RecordBatch(records);
    // Who is no longer the producer of a transaction is refused before the log is looked at, and not told where it starts.
    const told = (error: KafkaErrorName) =>
      batch.isTransactional && !ofLog.has(error) ? {} : { startOffset };
    const sequence = this.producers.check(batch);
    if (sequence.kind === 'refused')
      return { ok: false, error: sequence.error, reason: sequence.reason, ...told(sequence.error) };
    if (sequence.kind === 'duplicate') {
      return { ok: true, baseOffset: sequence.baseOffset, appendTimeMs: sequence.appendTimeMs };
    }
    const { producerId, producerEpoch } = batch;
    // Of a transaction that is open in this epoch the coordinator knows already; an epoch to come is its to judge.
    const isKnown = this.producers.isOpen(producerId) && this.producers.epochOf(producerId) === producerEpoch;
    if (batch.isTransactional && !isKnown) {
      const refusal = gate(batch, this);
      if (refusal) return { ok: false, ...refusal, ...told(refusal.error) };
    }
    if (settings.logAppendTime) batch.setLogAppendTime(nowMs);
    return this.#write(batch, nowMs);
  }

  /** Ends the producer's transaction in this partition; its records are shown, or never. */
  endTransaction(marker: TransactionMarker, nowMs: number): AppendResult {
    return this.appendTrusted(markerBatch(marker, nowMs), nowMs);
  }

  /** Appends a batch of the broker's own. */
  appendTrusted(records: Buffer, nowMs: number): AppendResult {
    return this.#write(new RecordBatch(records), nowMs);
  }

  #write(batch: RecordBatch, nowMs: number): AppendResult {
    const baseOffset = this.log.nextOffset;
    batch.baseOffset = baseOffset;
    batch.leaderEpoch = this.leadership.epoch;
    try {
      this.#rollWhenFull(batch.size, nowMs);
      this.log.append(batch, nowMs);
    } catch (error) {
      this.#health.writeFailed(error, `${this.topic}-${this.partition}`);
      return { ok: false, error: 'KAFKA_STORAGE_ERROR', reason: reasonOf(error) };
    }
    this.producers.appended(batch, baseOffset, nowMs);
    this.recordsIn += batch.recordCount;
    this.bytesIn += batch.size;
    const stableBytes = this.#stableBytes(batch);
    for (const listener of this.listeners) listener.appended(batch.size, stableBytes);
    return { ok: true, baseOffset, appendTimeMs: this.settings.logAppendTime ? nowMs : -1 };
  }

  /** What is held back comes free with the end of a transaction: all of it is told, even if another one is open still. */
  #stableBytes({ size, isControl }: RecordBatch): number {
    const isHeld = this.producers.firstOpenOffset !== null;
    if (!isHeld && this.#heldBytes === 0) return size;
    this.#heldBytes += size;
    if (isHeld && !isControl) return 0;
    const bytes = this.#heldBytes;
    if (!isHeld) this.#heldBytes = 0;
    return bytes;
  }

  #rollWhenFull(bytes: number, nowMs: number): void {
    const { active } = this.log;
    const isFull = active.size + bytes > this.settings.segmentBytes;
    const isOld = active.firstAppendMs !== null && nowMs - active.firstAppendMs > this.settings.segmentMs;
    if (active.size > 0 && (isFull || isOld)) this.roll();
  }

  /** Closes the active segment; what is known of producers is kept with it. */
  roll(): void {
    this.log.roll();
    this.saveProducers();
  }

  /** Who waits for records is told so that it looks again: the leader is another one, or the topic has gone. */
  wakeListeners(): void {
    for (const listener of this.listeners)
      listener.appended(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  }

  /** First record at or after the time (ms); null when none is that young. */
  offsetForTime(timestamp: number, fromOffset = this.startOffset): TimedOffset | null {
    const first = this.log.batchAtTime(timestamp, fromOffset);
    if (!first) return null;
    const from = first.baseOffset;
    for (const batch of this.log.batches(from)) {
      if (batch.maxTimestamp < timestamp) continue;
      const records = new RecordWalker(batch.bytes, { fromOffset, controls: true });
      while (records.next()) {
        if (records.timestamp >= timestamp) return { offset: records.offset, timestamp: records.timestamp };
      }
    }
    return null;
  }

  /** The record with the highest time (KIP-734), deleted or not as long as its segment is there; null when there is none. */
  maxTimestamp(): TimedOffset | null {
    const { maxTimestamp } = this.log;
    return maxTimestamp < 0 ? null : this.offsetForTime(maxTimestamp, 0);
  }

  saveProducers(): void {
    const { directory, nextOffset } = this.log;
    const older = offsetsOf(directory.list(), 'snapshot').filter((offset) => offset !== nextOffset);
    // Also when there are none: without it the next start would look for them in the whole log.
    if (nextOffset > 0) directory.replace(segmentFile(nextOffset, 'snapshot'), this.producers.encode());
    for (const offset of older) directory.remove(segmentFile(offset, 'snapshot'));
  }

  /** The newest snapshot that is not ahead of the log, then the batches after it. */
  #restoreProducers(nowMs: number): void {
    const { directory, nextOffset, startOffset } = this.log;
    let from = startOffset;
    for (const offset of offsetsOf(directory.list(), 'snapshot').reverse()) {
      const bytes = offset <= nextOffset ? directory.read(segmentFile(offset, 'snapshot')) : null;
      if (bytes && this.producers.restore(bytes)) {
        from = offset;
        break;
      }
      directory.remove(segmentFile(offset, 'snapshot'));
    }
    if (from >= nextOffset) return;
    for (const batch of this.log.batches(from)) {
      this.producers.appended(batch, batch.baseOffset, nowMs);
    }
  }

  close(save: boolean): void {
    if (save) this.#health.attempt(this.log.directory.path, () => this.saveProducers());
    this.log.close(save);
  }
}
