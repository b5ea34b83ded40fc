import type { CommittedOffset } from './group-records.ts';

export interface TopicPartitionRef {
  topic: string;
  partition: number;
}

/** What one group has committed. */
export class GroupOffsets {
  readonly #byTopic = new Map<string, Map<number, CommittedOffset>>();

  get(topic: string, partition: number): CommittedOffset | undefined {
    return this.#byTopic.get(topic)?.get(partition);
  }

  set(topic: string, partition: number, committed: CommittedOffset | null): void {
    let partitions = this.#byTopic.get(topic);
    if (committed) {
      if (!partitions) {
        partitions = new Map();
        this.#byTopic.set(topic, partitions);
      }
      partitions.set(partition, committed);
    } else if (partitions?.delete(partition) && partitions.size === 0) this.#byTopic.delete(topic);
  }

  get isEmpty(): boolean {
    return this.#byTopic.size === 0;
  }

  topics(): { topic: string; partitions: number[] }[] {
    return [...this.#byTopic].map(([topic, partitions]) => ({ topic, partitions: [...partitions.keys()] }));
  }

  all(): TopicPartitionRef[] {
    return this.topics().flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    );
  }

  /**
   * Those whose time is over (KIP-211): with an expiry of their own by that; else `retentionMs` after the commit or, when
   * the group has had members, after it became empty.
   */
  expired(nowMs: number, retentionMs: number, emptySinceMs: number | null): TopicPartitionRef[] {
    return this.all().filter(({ topic, partition }) => {
      const { commitTimeMs, expireTimeMs } = this.get(topic, partition)!;
      return nowMs >= (expireTimeMs ?? Math.max(commitTimeMs, emptySinceMs ?? 0) + retentionMs);
    });
  }
}
