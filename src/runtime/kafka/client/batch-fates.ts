import { DdsError } from '../../../errors/index.ts';
import type { BatchReport } from '../port.ts';
import type { Cluster } from './cluster.ts';
import type { PartitionQueue } from './partition-queue.ts';
import type { PendingBatch } from './pending-batch.ts';
import { PendingCount } from './pending-count.ts';
import type { ProducerSettings } from './producer-settings.ts';

export interface FateHooks {
  onBatch: ((report: BatchReport) => void) | undefined;
  /** Of a producer with transactions: a batch was given up, and with it all others. */
  onFailure: ((error: Error) => void) | null;
}

/** What becomes of a producer's batches: each is acknowledged or given up, once, and told so. */
export class BatchFates {
  readonly pending = new PendingCount();
  /** Queues that hold something not acknowledged. */
  readonly busy = new Set<PartitionQueue>();
  readonly #cluster: Cluster;
  readonly #settings: ProducerSettings;
  readonly #hooks: FateHooks;
  #failure: Error | null = null;
  /** Batches have left that will never be acknowledged. */
  #hasGap = false;

  constructor(cluster: Cluster, settings: ProducerSettings, hooks: FateHooks) {
    this.#cluster = cluster;
    this.#settings = settings;
    this.#hooks = hooks;
  }

  acknowledge(queue: PartitionQueue, batch: PendingBatch, baseOffset: number): void {
    queue.acknowledge(batch);
    this.#done(queue, batch, baseOffset, null);
  }

  giveUp(queue: PartitionQueue, batch: PendingBatch, error: Error): void {
    this.#failure ??= error;
    const behind = this.#settings.failTogether ? queue.failRest() : [];
    this.#done(queue, batch, -1, error);
    for (const other of behind) this.#done(queue, other, -1, error);
    const { onFailure } = this.#hooks;
    if (!onFailure) return;
    this.#hasGap = true;
    onFailure(error);
    this.giveUpRest(error);
  }

  /** Everything that is not on its way is given up. */
  giveUpRest(error: Error): void {
    this.#failure ??= error;
    for (const queue of [...this.busy]) {
      for (const batch of queue.failRest()) {
        if (batch.attempts > 0) this.#hasGap = true;
        this.#done(queue, batch, -1, error);
      }
    }
  }

  /** What is older than that was not acknowledged in time. */
  expire(queue: PartitionQueue, beforeMs: number): void {
    for (const batch of queue.expired(beforeMs)) {
      const { deliveryTimeoutMs } = this.#settings;
      const { topic, partition } = queue;
      const known = this.#cluster.leader(topic, partition) >= 0;
      const message = `a batch of ${batch.count} for ${topic}/${partition} was not acknowledged in ${deliveryTimeoutMs} ms`;
      this.giveUp(
        queue,
        batch,
        known || batch.attempts > 0
          ? new DdsError('DDS_BROKER_UNREACHABLE', message)
          : new DdsError('DDS_UNKNOWN_TOPIC', `${message}: the cluster names no leader`),
      );
    }
  }

  /** The producer ends: also what is on its way is given up. */
  end(error: Error): void {
    for (const queue of this.busy) {
      for (const batch of queue.expired(Number.POSITIVE_INFINITY)) this.giveUp(queue, batch, error);
    }
  }

  /** The first failure since it was asked for last. */
  takeFailure(): Error | null {
    const failure = this.#failure;
    this.#failure = null;
    return failure;
  }

  /** Whether a sequence had a gap since it was asked last. */
  takeGap(): boolean {
    const hadGap = this.#hasGap;
    this.#hasGap = false;
    return hadGap;
  }

  #done(queue: PartitionQueue, batch: PendingBatch, baseOffset: number, error: Error | null): void {
    if (queue.isIdle) this.busy.delete(queue);
    this.#hooks.onBatch?.({
      topic: queue.topic,
      partition: queue.partition,
      baseOffset,
      count: batch.count,
      tags: batch.tags,
      sentAtMs: batch.sentAtMs,
      ackedAtMs: this.#cluster.clock.monotonic(),
      error,
    });
    this.pending.remove(batch.count, batch.payloadBytes);
  }
}
