/** How far a partition has been stored. `next` runs ahead of `committed` while a transaction is open. */
export interface PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  /** KIP-516 id of the topic the offsets belong to; '' where the cluster does not tell. */
  topicId: string;
  /** How often the topic was made anew since the sink first saw it; kept only where offsets are part of a row's key. */
  generation: number;
  /** The last time that a row of this partition was written with, µs; kept only where a database orders writes by time. */
  writtenMicros: number;
  next: number;
  committed: number;
}

/** Highest offset at a source site, of what a relay brought, that is stored; everything at or below is a duplicate. */
export interface SourceProgress {
  readonly site: string;
  readonly sourceTopicId: string;
  readonly topic: string;
  readonly partition: number;
  highest: number;
  committed: number;
}

/** Positions of partitions and sources: what is committed, and what the open transaction changes. */
export class Progress {
  readonly #partitions = new Map<string, PartitionProgress>();
  readonly #sources = new Map<string, SourceProgress>();
  readonly #changed = new Set<PartitionProgress | SourceProgress>();

  /** `next` is -1 while nothing is known of the partition. The same object for as long as the sink lives. */
  partition(topic: string, partition: number): PartitionProgress {
    const key = keyOf(topic, partition);
    let progress = this.#partitions.get(key);
    if (!progress) {
      const nothing = { generation: 0, writtenMicros: 0, next: -1, committed: -1 };
      progress = { topic, partition, topicId: '', ...nothing };
      this.#partitions.set(key, progress);
    }
    return progress;
  }

  /** The same object for as long as the sink lives. */
  source(site: string, sourceTopicId: string, topic: string, partition: number): SourceProgress {
    const key = `${site}\n${sourceTopicId}\n${keyOf(topic, partition)}`;
    let source = this.#sources.get(key);
    if (!source) {
      source = { site, sourceTopicId, topic, partition, highest: -1, committed: -1 };
      this.#sources.set(key, source);
    }
    return source;
  }

  advance(partition: PartitionProgress, next: number): void {
    partition.next = next;
    this.#changed.add(partition);
  }

  advanceSource(source: SourceProgress, highest: number): void {
    source.highest = highest;
    this.#changed.add(source);
  }

  /** What the open transaction changes. */
  get changed(): ReadonlySet<PartitionProgress | SourceProgress> {
    return this.#changed;
  }

  all(): (PartitionProgress | SourceProgress)[] {
    return [...this.#partitions.values(), ...this.#sources.values()];
  }

  committed(): void {
    for (const one of this.#changed) one.committed = isPartition(one) ? one.next : one.highest;
    this.#changed.clear();
  }

  /** Forgets everything, so that what is committed can be read anew. */
  forget(): void {
    this.#changed.clear();
    for (const one of this.#partitions.values()) {
      one.next = one.committed = -1;
      one.generation = one.writtenMicros = 0;
    }
    for (const one of this.#sources.values()) one.highest = one.committed = -1;
  }
}

export const isPartition = (one: PartitionProgress | SourceProgress): one is PartitionProgress =>
  'next' in one;

export const isSource = (one: PartitionProgress | SourceProgress): one is SourceProgress => 'highest' in one;

const keyOf = (topic: string, partition: number) => `${topic}\n${partition}`;
