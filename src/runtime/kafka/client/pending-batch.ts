import { BatchBuilder, type Compression, RecordBatch, TRANSACTIONAL } from '../../protocol/index.ts';
import type { Header } from '../port.ts';

/** Who writes: the broker tells one producer's batches from another's by it, and a retry from a new batch. */
export interface ProducerSession {
  readonly producerId: number;
  readonly epoch: number;
}

/** A batch on its way: records are added, it is sealed when it is first sent, and kept until the broker has it. */
export class PendingBatch {
  readonly createdAtMs: number;
  /** Times it was sent. */
  attempts = 0;
  sentAtMs = 0;
  /** Bytes of its keys and values. */
  payloadBytes = 0;
  /** -1 before it is first sent, and without idempotence. */
  baseSequence = -1;
  #builder: BatchBuilder | null;
  #bytes: Buffer | null = null;
  #count = 0;
  #tags = new Float64Array(64);

  constructor(createdAtMs: number, initialBytes: number) {
    this.createdAtMs = createdAtMs;
    this.#builder = new BatchBuilder(initialBytes);
  }

  get count(): number {
    return this.#count;
  }

  get size(): number {
    return this.#bytes?.length ?? this.#builder?.size ?? 0;
  }

  /** The tags of its records. A view. */
  get tags(): Float64Array {
    return this.#tags.subarray(0, this.#count);
  }

  append(
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestampMs: number,
    headers: readonly Header[] | null,
    tag: number,
  ): void {
    this.#builder!.append(key, value, timestampMs, headers);
    if (this.#count === this.#tags.length) {
      const grown = new Float64Array(this.#count * 2);
      grown.set(this.#tags);
      this.#tags = grown;
    }
    this.#tags[this.#count++] = tag;
    this.payloadBytes += (key?.length ?? 0) + (value?.length ?? 0);
  }

  /** Its bytes as they go to the broker; no record can be added any more. */
  seal(
    compression: Compression,
    session: ProducerSession | null,
    baseSequence: number,
    isTransactional: boolean,
  ): Buffer {
    if (this.#builder) {
      this.#bytes = this.#builder.build({
        compression,
        attributes: isTransactional ? TRANSACTIONAL : 0,
        producerId: session?.producerId ?? -1,
        producerEpoch: session?.epoch ?? -1,
        baseSequence,
      });
      this.#builder = null;
      this.baseSequence = baseSequence;
    }
    return this.#bytes!;
  }

  /** Moves a sealed batch to another session, as if it had never been sent. */
  restamp(session: ProducerSession, baseSequence: number): void {
    this.baseSequence = baseSequence;
    new RecordBatch(this.#bytes!).setProducer(session.producerId, session.epoch, baseSequence);
  }
}
