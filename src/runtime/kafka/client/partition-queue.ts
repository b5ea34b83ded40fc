import type { Clock } from '../../../shared/clock.ts';
import type { Compression } from '../../protocol/index.ts';
import type { Header } from '../port.ts';
import { PendingBatch, type ProducerSession } from './pending-batch.ts';

/** Sequence numbers wrap to 0 after this one. */
const MAX_SEQUENCE = 0x7fffffff;
const MAX_EPOCH = 0x7fff;
const FIRST_BACKOFF_MS = 20;
const MAX_BACKOFF_MS = 1000;

/**
 * The batches of one partition, in the order in which they have to arrive. Up to five may be on their way; after a
 * failure what was on its way is sent again one batch at a time, so that the order holds.
 */
export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  #waiting: PendingBatch[] = [];
  #open: PendingBatch | null = null;
  #inFlight: PendingBatch[] = [];
  #session: ProducerSession | null = null;
  #nextSequence = 0;
  #lastAckedSequence = -1;
  #needsNewEpoch = false;
  #isFailing = false;
  #failures = 0;
  #lastSize = 2048;
  /** Not to be sent before this time. */
  notBeforeMs = 0;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  /** Adds a record and tells whether a batch was begun (so that somebody sees to it that it is sent), or filled. */
  append(
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestampMs: number,
    headers: readonly Header[] | null,
    tag: number,
    batchBytes: number,
    clock: Clock,
  ): 'begun' | 'filled' | 'added' {
    let outcome: 'begun' | 'added' = 'added';
    if (!this.#open) {
      this.#open = new PendingBatch(clock.monotonic(), Math.min(batchBytes, this.#lastSize) + 256);
      outcome = 'begun';
    }
    const batch = this.#open;
    batch.append(key, value, timestampMs, headers, tag);
    if (batch.size < batchBytes) return outcome;
    this.#close();
    return 'filled';
  }

  #close(): void {
    if (!this.#open) return;
    this.#lastSize = this.#open.size;
    this.#waiting.push(this.#open);
    this.#open = null;
  }

  get isIdle(): boolean {
    return !this.#open && this.#waiting.length === 0 && this.#inFlight.length === 0;
  }

  /** When the oldest batch that is not on its way was begun; undefined when there is none. */
  get oldestMs(): number | undefined {
    return (this.#waiting[0] ?? this.#open)?.createdAtMs;
  }

  /** True when a batch is full, or is to be sent again: it need not wait for the linger time. */
  get isUrgent(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Whether order allows to send the next batch now. `isFirstAlone`: a broker that knows nothing of a producer takes any
   * sequence as its first one (KAFKA-14359). Until one has arrived none may follow: if the first were refused and the second
   * taken, the first could never be written.
   */
  canSend(nowMs: number, maxInFlight: number, isFirstAlone: boolean): boolean {
    const next = this.#waiting[0] ?? this.#open;
    if (!next || nowMs < this.notBeforeMs) return false;
    const isRetry =
      next.attempts > 0 || this.#needsNewEpoch || this.#inFlight.some(({ attempts }) => attempts > 1);
    const isFirst = isFirstAlone && this.#session !== null && this.#lastAckedSequence < 0;
    return isRetry || isFirst ? this.#inFlight.length === 0 : this.#inFlight.length < maxInFlight;
  }

  /** Takes the next batch out and seals it with its sequence. `session` is null without idempotence. */
  take(
    session: ProducerSession | null,
    compression: Compression,
    isTransactional: boolean,
  ): { batch: PendingBatch; bytes: Buffer } {
    if (this.#waiting.length === 0) this.#close();
    if (this.#needsNewEpoch) this.#beginEpoch(session);
    this.#session ??= session;
    const batch = this.#waiting.shift()!;
    const isNew = batch.attempts === 0;
    const sequence = this.#session ? this.#nextSequence : -1;
    const bytes = batch.seal(compression, this.#session, sequence, isTransactional);
    if (isNew && this.#session) this.#nextSequence = advance(this.#nextSequence, batch.count);
    batch.attempts++;
    this.#inFlight.push(batch);
    return { batch, bytes };
  }

  /** For a transaction, which sees to epochs itself, for all its partitions: a new session begins a new sequence. */
  adopt(session: ProducerSession): void {
    this.#needsNewEpoch = false;
    if (this.#session === session) return;
    this.#session = session;
    this.#nextSequence = 0;
    this.#lastAckedSequence = -1;
    this.#failures = 0;
    this.notBeforeMs = 0;
  }

  acknowledge(batch: PendingBatch): void {
    this.#landed(batch);
    this.#failures = 0;
    this.#lastAckedSequence = advance(batch.baseSequence, batch.count - 1);
  }

  /** Puts a batch back in its place, to be sent again after a pause. */
  retry(batch: PendingBatch, nowMs: number): void {
    this.#landed(batch);
    const index = this.#waiting.findIndex(
      (other) => other.attempts === 0 || other.createdAtMs > batch.createdAtMs,
    );
    this.#waiting.splice(index < 0 ? this.#waiting.length : index, 0, batch);
    const pause = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures++);
    this.notBeforeMs = nowMs + pause;
  }

  /** Gives a batch up. The sequence then has a gap, which a new epoch closes. */
  abandon(batch: PendingBatch): void {
    this.#landed(batch);
    if (this.#session) this.#needsNewEpoch = true;
  }

  /** Takes out the batches that were begun before this time and are not on their way. */
  expired(beforeMs: number): PendingBatch[] {
    const expired = this.#waiting.filter(({ createdAtMs }) => createdAtMs < beforeMs);
    if (this.#open && this.#open.createdAtMs < beforeMs) {
      expired.push(this.#open);
      this.#open = null;
    }
    if (expired.length === 0) return expired;
    this.#waiting = this.#waiting.filter((batch) => !expired.includes(batch));
    if (this.#session && expired.some(({ attempts }) => attempts > 0)) this.#needsNewEpoch = true;
    return expired;
  }

  /** Takes out all that is not on its way; what is fails as it comes back, because of the gap in the sequence. */
  failRest(): PendingBatch[] {
    this.#close();
    const rest = this.#waiting;
    this.#waiting = [];
    this.#needsNewEpoch = this.#session !== null;
    this.#isFailing = this.#inFlight.length > 0;
    return rest;
  }

  /** True while batches are on their way behind one that was given up together with them. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** True when the broker should have taken this batch next: then it has lost what it knew of us. */
  isNextExpected(batch: PendingBatch): boolean {
    return batch.baseSequence === (this.#lastAckedSequence < 0 ? 0 : advance(this.#lastAckedSequence, 1));
  }

  /** Asks for a new epoch before anything more is sent (KIP-360, TransactionManager.requestIdempotentEpochBump). */
  requestEpoch(): void {
    this.#needsNewEpoch = true;
  }

  /** True when the epochs of this producer id are used up: only a new id can follow. */
  get needsNewId(): boolean {
    return this.#needsNewEpoch && (this.#session?.epoch ?? 0) >= MAX_EPOCH;
  }

  /** The broker keeps epochs per partition for idempotent producers, so that one partition can go on alone. */
  #beginEpoch(latest: ProducerSession | null): void {
    const current = this.#session;
    if (!current || !latest) return;
    this.#needsNewEpoch = false;
    this.#session =
      latest.producerId === current.producerId ? { ...current, epoch: current.epoch + 1 } : latest;
    this.#nextSequence = 0;
    this.#lastAckedSequence = -1;
    for (const batch of this.#waiting) {
      if (batch.attempts === 0) break;
      batch.restamp(this.#session, this.#nextSequence);
      this.#nextSequence = advance(this.#nextSequence, batch.count);
    }
  }

  #landed(batch: PendingBatch): void {
    const index = this.#inFlight.indexOf(batch);
    if (index >= 0) this.#inFlight.splice(index, 1);
    if (this.#inFlight.length === 0) this.#isFailing = false;
  }
}

function advance(sequence: number, count: number): number {
  const next = sequence + count;
  return next > MAX_SEQUENCE ? next - MAX_SEQUENCE - 1 : next;
}
