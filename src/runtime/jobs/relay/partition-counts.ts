import type { HoldReason } from './types.ts';

/** What was counted for one number of one topic's name, over all topics that had the name. */
export class PartitionCounts {
  relayedRecords = 0;
  relayedBytes = 0;
  lostRecords = 0;
  loopedRecords = 0;
  deadLetters = 0;
  readonly errors = new Map<HoldReason, number>();

  /** It had to stop, or to try once more, because of this. */
  error(reason: HoldReason): void {
    this.errors.set(reason, (this.errors.get(reason) ?? 0) + 1);
  }
}

/** The counts of a source. They outlive the topics, so that nothing that was lost is forgotten with its topic. */
export class SourceCounts {
  readonly #counts = new Map<string, { topic: string; partition: number; counts: PartitionCounts }>();

  of(topic: string, partition: number): PartitionCounts {
    const key = `${topic}/${partition}`;
    let entry = this.#counts.get(key);
    if (!entry) {
      entry = { topic, partition, counts: new PartitionCounts() };
      this.#counts.set(key, entry);
    }
    return entry.counts;
  }

  all(): Iterable<{ topic: string; partition: number; counts: PartitionCounts }> {
    return this.#counts.values();
  }
}
