import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { Fetcher } from '../../kafka/index.ts';
import type { SourcePartition } from './source-partition.ts';
import type { HoldReason } from './types.ts';

/** Decides which partitions of a source are fetched: stops them for a while, holds them, and lets them go on. */
export class PartitionGate {
  readonly #fetcher: Fetcher;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Only these may need a look after a poll; usually empty. */
  readonly #stopped = new Set<SourcePartition>();

  constructor(fetcher: Fetcher, clock: Clock, log: Logger) {
    this.#fetcher = fetcher;
    this.#clock = clock;
    this.#log = log;
  }

  pause(partition: SourcePartition, state: 'learning' | 'settling' | 'burying'): void {
    partition.state = state;
    this.#fetcher.pause(partition.topic.name, partition.partition);
  }

  open(partition: SourcePartition): void {
    partition.state = 'open';
    this.#stopped.delete(partition);
    this.#fetcher.seek(partition.topic.name, partition.partition, partition.nextFetch);
    this.#fetcher.resume(partition.topic.name, partition.partition);
  }

  hold(partition: SourcePartition, offset: number, reason: HoldReason, message: string): void {
    if (partition.state === 'closed') return;
    const now = { wallMs: this.#clock.now(), monotonicMs: this.#clock.monotonic() };
    const isNews = partition.stop(offset, reason, message, now);
    this.#fetcher.pause(partition.topic.name, partition.partition);
    this.#stopped.add(partition);
    if (!isNews) return;
    const where = { topic: partition.topic.name, partition: partition.partition, offset };
    this.#log.error({ event: 'partition-held', ...where, reason, error: message }, 'partition is held');
  }

  retryHeld(): void {
    if (this.#stopped.size === 0) return;
    const now = this.#clock.monotonic();
    for (const partition of this.#stopped) {
      if (partition.state === 'closed') this.#stopped.delete(partition);
      else if (partition.state === 'held' && partition.retryAtMs <= now) {
        partition.refusal = null;
        this.open(partition);
      }
    }
  }
}
