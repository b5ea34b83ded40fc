import { type KafkaErrorName, markerOf, type RecordBatch } from '../../protocol/index.ts';
import { type Aborted, AbortedTransactions } from './aborted-transactions.ts';

/** How many batches a producer may have under way, so how far back a duplicate can be (Kafka: ProducerStateEntry). */
const REMEMBERED_BATCHES = 5;
const MAX_SEQUENCE = 0x7fffffff;

interface RememberedBatch {
  firstSequence: number;
  lastSequence: number;
  baseOffset: number;
  appendTimeMs: number;
}

interface ProducerEntry {
  epoch: number;
  /** Wall-clock time of the last append, for expiry. */
  lastUsedMs: number;
  batches: RememberedBatch[];
  /** Where its open transaction begins; absent when none is open. */
  openFrom?: number;
  /** Of the last marker. */
  coordinatorEpoch?: number;
}

/** What DescribeProducers tells of one. */
export interface DescribedProducer {
  producerId: number;
  producerEpoch: number;
  lastSequence: number;
  lastTimestamp: number;
  coordinatorEpoch: number;
  currentTxnStartOffset: number;
}

export type SequenceCheck =
  | { kind: 'new' }
  | { kind: 'duplicate'; baseOffset: number; appendTimeMs: number }
  | { kind: 'refused'; error: KafkaErrorName; reason: string };

interface Snapshot {
  producers: [number, ProducerEntry][];
  aborted: Aborted[];
}

const FRESH: SequenceCheck = { kind: 'new' };
const after = (sequence: number, by: number): number => (sequence + by) % (MAX_SEQUENCE + 1);

/** What one partition knows of the idempotent and transactional producers that wrote to it (KIP-98). */
export class ProducerState {
  #producers = new Map<number, ProducerEntry>();
  /** First offset of each open transaction by producer id: in the order of these offsets, as it is the order of the log. */
  readonly #open = new Map<number, number>();
  aborted = new AbortedTransactions();

  /** First offset of the oldest transaction that is open; null when none is. */
  get firstOpenOffset(): number | null {
    for (const offset of this.#open.values()) return offset;
    return null;
  }

  /** Producer ids and epochs of open transactions. */
  get open(): { producerId: number; epoch: number }[] {
    return [...this.#open.keys()].map((producerId) => ({
      producerId,
      epoch: this.#producers.get(producerId)!.epoch,
    }));
  }

  isOpen(producerId: number): boolean {
    return this.#open.has(producerId);
  }

  /** -1 when nothing is known of the producer. */
  epochOf(producerId: number): number {
    return this.#producers.get(producerId)?.epoch ?? -1;
  }

  coordinatorEpochOf(producerId: number): number {
    return this.#producers.get(producerId)?.coordinatorEpoch ?? -1;
  }

  describe(): DescribedProducer[] {
    return [...this.#producers].map(([producerId, entry]) => ({
      producerId,
      producerEpoch: entry.epoch,
      lastSequence: entry.batches.at(-1)?.lastSequence ?? -1,
      lastTimestamp: entry.lastUsedMs,
      coordinatorEpoch: entry.coordinatorEpoch ?? -1,
      currentTxnStartOffset: entry.openFrom ?? -1,
    }));
  }

  /** Decides over a batch before it is appended. */
  check(batch: RecordBatch): SequenceCheck {
    const { producerId } = batch;
    if (producerId < 0) return FRESH;
    const entry = this.#producers.get(producerId);
    // Nothing known: expired, or its records were deleted. Any sequence may start (ProducerAppendInfo.checkSequence).
    if (!entry) return FRESH;
    const epoch = batch.producerEpoch;
    const sequence = batch.baseSequence;
    if (epoch < entry.epoch) {
      return refused(
        'INVALID_PRODUCER_EPOCH',
        `producer ${producerId} has epoch ${entry.epoch}, not ${epoch}`,
      );
    }
    if (entry.openFrom !== undefined && !batch.isTransactional)
      return refused('INVALID_TXN_STATE', `producer ${producerId} has a transaction open`);
    if (epoch > entry.epoch) {
      if (sequence === 0) return FRESH;
      return refused(
        'OUT_OF_ORDER_SEQUENCE_NUMBER',
        `producer ${producerId} begins epoch ${epoch} with sequence ${sequence}`,
      );
    }
    const lastSequence = after(sequence, batch.lastOffsetDelta);
    for (const { firstSequence, lastSequence: last, baseOffset, appendTimeMs } of entry.batches) {
      if (firstSequence === sequence && last === lastSequence)
        return { kind: 'duplicate', baseOffset, appendTimeMs };
    }
    const newest = entry.batches.at(-1);
    const expected = newest ? after(newest.lastSequence, 1) : 0;
    if (sequence === expected) return FRESH;
    return refused(
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      `producer ${producerId} sent sequence ${sequence}, expected ${expected}`,
    );
  }

  /** Takes note of a batch that is in the log now. */
  appended(batch: RecordBatch, baseOffset: number, nowMs: number): void {
    const { producerId } = batch;
    if (producerId < 0) return;
    if (batch.isControl) {
      this.#ended(batch, baseOffset, nowMs);
      return;
    }
    const entry = this.#entryOf(producerId, batch.producerEpoch, nowMs);
    if (batch.isTransactional && entry.openFrom === undefined) {
      entry.openFrom = baseOffset;
      this.#open.set(producerId, baseOffset);
    }
    const firstSequence = batch.baseSequence;
    // The broker's own batches of offsets have no sequence.
    if (firstSequence < 0) return;
    entry.batches.push({
      firstSequence,
      lastSequence: after(firstSequence, batch.lastOffsetDelta),
      baseOffset,
      // As Kafka tells it to who sends the batch again, whatever the type of its time.
      appendTimeMs: batch.maxTimestamp,
    });
    if (entry.batches.length > REMEMBERED_BATCHES) entry.batches.shift();
  }

  #ended(batch: RecordBatch, offset: number, nowMs: number): void {
    const marker = markerOf(batch);
    if (!marker) return;
    const { producerId, producerEpoch, isCommit, coordinatorEpoch } = marker;
    const entry = this.#entryOf(producerId, producerEpoch, nowMs);
    entry.coordinatorEpoch = coordinatorEpoch;
    const firstOffset = this.#open.get(producerId);
    if (firstOffset === undefined) return;
    this.#open.delete(producerId);
    delete entry.openFrom;
    if (isCommit) return;
    const stableOffset = this.firstOpenOffset ?? offset + 1;
    this.aborted.add({ producerId, firstOffset, lastOffset: offset, stableOffset });
  }

  /** A new epoch begins a new sequence; a transaction that is open stays open. */
  #entryOf(producerId: number, epoch: number, nowMs: number): ProducerEntry {
    let entry = this.#producers.get(producerId);
    if (!entry) {
      entry = { epoch, lastUsedMs: nowMs, batches: [] };
      this.#producers.set(producerId, entry);
    } else if (entry.epoch !== epoch) {
      entry.epoch = epoch;
      entry.batches = [];
    }
    entry.lastUsedMs = nowMs;
    return entry;
  }

  expire(olderThanMs: number): void {
    for (const [producerId, { lastUsedMs, openFrom }] of this.#producers) {
      if (lastUsedMs < olderThanMs && openFrom === undefined) this.#producers.delete(producerId);
    }
  }

  encode(): Buffer {
    const snapshot: Snapshot = { producers: [...this.#producers], aborted: [...this.aborted.all] };
    return Buffer.from(JSON.stringify(snapshot));
  }

  /** False, and nothing changed, when the bytes are no snapshot. */
  restore(bytes: Buffer): boolean {
    try {
      const read = JSON.parse(bytes.toString()) as Snapshot | Snapshot['producers'];
      // Before there were transactions it was only the list of producers.
      const { producers, aborted } = Array.isArray(read) ? { producers: read, aborted: [] } : read;
      this.#producers = new Map(producers);
      this.aborted = new AbortedTransactions(aborted);
    } catch {
      return false;
    }
    const open = [...this.#producers].flatMap(([producerId, { openFrom }]) =>
      openFrom === undefined ? [] : [{ producerId, openFrom }],
    );
    open.sort((a, b) => a.openFrom - b.openFrom);
    for (const { producerId, openFrom } of open) this.#open.set(producerId, openFrom);
    return true;
  }
}

function refused(error: KafkaErrorName, reason: string): SequenceCheck {
  return { kind: 'refused', error, reason };
}
