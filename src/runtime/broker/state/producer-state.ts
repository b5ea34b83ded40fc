import type { KafkaErrorName, RecordBatch } from '../../protocol/index.ts';

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
}

export type SequenceCheck =
  | { kind: 'new' }
  | { kind: 'duplicate'; baseOffset: number; appendTimeMs: number }
  | { kind: 'refused'; error: KafkaErrorName; reason: string };

const FRESH: SequenceCheck = { kind: 'new' };
const after = (sequence: number, by: number): number => (sequence + by) % (MAX_SEQUENCE + 1);

/** What one partition knows of the idempotent producers that wrote to it (KIP-98). */
export class ProducerState {
  #producers = new Map<number, ProducerEntry>();

  get size(): number {
    return this.#producers.size;
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
    const expected = after(entry.batches.at(-1)!.lastSequence, 1);
    if (sequence === expected) return FRESH;
    return refused(
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      `producer ${producerId} sent sequence ${sequence}, expected ${expected}`,
    );
  }

  /** Takes note of a batch that is in the log now. */
  appended(batch: RecordBatch, baseOffset: number, nowMs: number): void {
    const { producerId } = batch;
    if (producerId < 0 || batch.isControl) return;
    const epoch = batch.producerEpoch;
    let entry = this.#producers.get(producerId);
    if (!entry || entry.epoch !== epoch) {
      entry = { epoch, lastUsedMs: nowMs, batches: [] };
      this.#producers.set(producerId, entry);
    }
    const firstSequence = batch.baseSequence;
    const lastSequence = after(firstSequence, batch.lastOffsetDelta);
    entry.batches.push({
      firstSequence,
      lastSequence,
      baseOffset,
      appendTimeMs: batch.isLogAppendTime ? nowMs : -1,
    });
    if (entry.batches.length > REMEMBERED_BATCHES) entry.batches.shift();
    entry.lastUsedMs = nowMs;
  }

  expire(olderThanMs: number): void {
    for (const [producerId, { lastUsedMs }] of this.#producers) {
      if (lastUsedMs < olderThanMs) this.#producers.delete(producerId);
    }
  }

  encode(): Buffer {
    return Buffer.from(JSON.stringify([...this.#producers]));
  }

  /** False, and nothing changed, when the bytes are no snapshot. */
  restore(bytes: Buffer): boolean {
    try {
      this.#producers = new Map(JSON.parse(bytes.toString()) as [number, ProducerEntry][]);
      return true;
    } catch {
      return false;
    }
  }
}

function refused(error: KafkaErrorName, reason: string): SequenceCheck {
  return { kind: 'refused', error, reason };
}
