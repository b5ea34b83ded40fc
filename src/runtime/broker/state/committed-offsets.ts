import type { Clock } from '../../../shared/clock.ts';
import type { KafkaErrorName } from '../../protocol/index.ts';
import type { Configs } from './configs.ts';
import { GroupOffsets, type TopicPartitionRef } from './group-offsets.ts';
import type { CommittedOffset } from './group-records.ts';
import type { GroupStore, OffsetsProducer, StoredOffset } from './group-store.ts';
import { PendingOffsets } from './pending-offsets.ts';
import type { Topics } from './topics.ts';

const NO_RETENTION_GIVEN = -1;

export interface OffsetToCommit extends TopicPartitionRef {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
}

interface Place extends TopicPartitionRef {
  readonly group: string;
}

export interface CommittedOffsetsOptions {
  store: GroupStore;
  topics: Topics;
  configs: Configs;
  clock: Clock;
}

/** What all groups have committed, and what they will have once open transactions are committed. */
export class CommittedOffsets {
  readonly #options: CommittedOffsetsOptions;
  readonly #byGroup = new Map<string, GroupOffsets>();
  readonly #pending = new PendingOffsets();

  constructor(options: CommittedOffsetsOptions) {
    this.#options = options;
  }

  of(group: string): GroupOffsets | undefined {
    return this.#byGroup.get(group);
  }

  #of(group: string): GroupOffsets {
    let offsets = this.#byGroup.get(group);
    if (!offsets) {
      offsets = new GroupOffsets();
      this.#byGroup.set(group, offsets);
    }
    return offsets;
  }

  groups(): string[] {
    return [...this.#byGroup.keys()];
  }

  /** Where there are offsets, also those that do not count yet. */
  places(isWanted: (place: Place) => boolean): Place[] {
    const counting = [...this.#byGroup].flatMap(([group, offsets]) =>
      offsets.all().map((ref) => ({ group, ...ref })),
    );
    const pending = this.#pending.all().map(({ group, offset }) => ({ ...offset, group }));
    return [...counting, ...pending].filter(isWanted);
  }

  replayed(group: string, offset: StoredOffset): void {
    this.#of(group).set(offset.topic, offset.partition, offset.committed);
    if (!offset.committed) this.#pending.drop(group, offset);
  }

  replayedPending(producerId: number, group: string, offset: StoredOffset): void {
    this.#pending.add(producerId, group, offset);
  }

  /** The replay has told all. */
  loaded(): void {
    for (const [group, offsets] of this.#byGroup) if (offsets.isEmpty) this.#byGroup.delete(group);
  }

  /** One answer per offset. With a producer they count when its transaction is committed. */
  commit(
    group: string,
    wanted: readonly OffsetToCommit[],
    retentionTimeMs: number,
    producer: OffsetsProducer | null,
  ): KafkaErrorName[] {
    const { store, topics, configs, clock } = this.#options;
    const maxMetadataBytes = configs.number('offset.metadata.max.bytes');
    const commitTimeMs = clock.now();
    const expireTimeMs = retentionTimeMs === NO_RETENTION_GIVEN ? null : commitTimeMs + retentionTimeMs;
    const stored: StoredOffset[] = [];
    const answers = wanted.map(({ topic, partition, offset, leaderEpoch, metadata }): KafkaErrorName => {
      if (!topics.partition(topic, partition)) return 'UNKNOWN_TOPIC_OR_PARTITION';
      if (Buffer.byteLength(metadata) > maxMetadataBytes) return 'OFFSET_METADATA_TOO_LARGE';
      const committed: CommittedOffset = {
        ...{ offset, leaderEpoch, metadata, commitTimeMs, expireTimeMs },
        recordOffset: -1,
      };
      stored.push({ topic, partition, committed });
      return 'NONE';
    });
    if (stored.length === 0) return answers;
    // As Kafka answers a write of its own that failed: clients look the coordinator up and commit again.
    if (!store.saveOffsets(group, stored, producer))
      return answers.map((answer) => (answer === 'NONE' ? 'NOT_COORDINATOR' : answer));
    for (const offset of stored) {
      if (producer) this.#pending.add(producer.producerId, group, offset);
      else this.#of(group).set(offset.topic, offset.partition, offset.committed);
    }
    return answers;
  }

  /** The producer's transaction has ended. The groups whose offsets have changed. */
  endTransaction(producerId: number, isCommit: boolean): string[] {
    const ended = this.#pending.take(producerId);
    if (!isCommit) return [];
    for (const { group, offset } of ended) {
      const { topic, partition, committed } = offset;
      const newest = this.#byGroup.get(group)?.get(topic, partition);
      if (committed && newest && newest.recordOffset > committed.recordOffset) continue;
      this.#of(group).set(topic, partition, committed);
    }
    return [...new Set(ended.map(({ group }) => group))];
  }

  /** True while a transaction that is open may change it. */
  isUnstable(group: string, topic: string, partition: number): boolean {
    return this.#pending.has(group, { topic, partition });
  }

  hasPending(group: string): boolean {
    return this.#pending.all().some((pending) => pending.group === group);
  }

  /** False when the disk does not take it. */
  delete(group: string, which: readonly TopicPartitionRef[]): boolean {
    if (which.length === 0) return true;
    const deleted = which.map(({ topic, partition }) => ({ topic, partition, committed: null }));
    if (!this.#options.store.saveOffsets(group, deleted)) return false;
    for (const ref of which) {
      this.#byGroup.get(group)?.set(ref.topic, ref.partition, null);
      this.#pending.drop(group, ref);
    }
    return true;
  }

  forget(group: string): void {
    this.#byGroup.delete(group);
  }
}
