import type { Logger } from '../../../shared/logger.ts';
import type { Admin, Fetcher, FetchProblem } from '../../kafka/index.ts';
import { newPartitionStats, type PartitionStats } from './partition-stats.ts';
import type { PartitionProgress, Progress } from './progress.ts';
import { RecordFiller } from './record-filler.ts';
import type { FollowedTopic } from './topic-follower.ts';

export interface FollowedPartition {
  readonly stats: PartitionStats;
  readonly filler: RecordFiller;
  readonly mode: FollowedTopic['mode'];
  /** Id of the topic that is read, and where from while nothing of it is committed. */
  topicId: string;
  firstOffset: number;
}

export interface FollowedPartitionsOptions {
  site: string;
  admin: Admin;
  fetcher: Fetcher;
  progress: Progress;
  log: Logger;
}

/** Which partitions a sink reads, and from where. */
export class FollowedPartitions {
  readonly #options: FollowedPartitionsOptions;
  readonly #partitions = new Map<string, FollowedPartition>();

  constructor(options: FollowedPartitionsOptions) {
    this.#options = options;
  }

  of(topic: string, partition: number): FollowedPartition | undefined {
    return this.#partitions.get(keyOf(topic, partition));
  }

  stats(): PartitionStats[] {
    return [...this.#partitions.values()].map(({ stats }) => stats);
  }

  /** Takes up a listing of the topics: new ones, new partitions, and topics that were deleted and made again. */
  async follow(topics: readonly FollowedTopic[]): Promise<void> {
    const listed = new Set<string>();
    for (const topic of topics) {
      for (const partition of topic.partitions) {
        listed.add(keyOf(topic.name, partition));
        await this.#followOne(topic, partition);
      }
    }
    for (const [key, { stats }] of this.#partitions) {
      if (listed.has(key)) continue;
      this.#options.fetcher.remove(stats.progress.topic, stats.progress.partition);
      this.#partitions.delete(key);
    }
  }

  /** Reads every partition from what is committed of it, or from its start when nothing is. */
  rewind(): void {
    for (const { stats, topicId, firstOffset } of this.#partitions.values()) {
      const { progress } = stats;
      if (isMadeAnew(progress, topicId)) beginAnew(progress, topicId, firstOffset);
      else if (progress.next < 0) progress.next = progress.committed = firstOffset;
      this.#options.fetcher.seek(progress.topic, progress.partition, progress.next);
    }
  }

  /** Goes on behind records that are no longer there. Throws what it cannot solve. */
  async solve({ topic, partition, kind, fetchOffset, error }: FetchProblem): Promise<void> {
    const { admin, fetcher, log } = this.#options;
    const followed = this.of(topic, partition);
    if (!followed || kind === 'unknown-topic') return;
    if (kind !== 'out-of-range') {
      log.error({ topic, partition, kind, fetchOffset }, error.message.split('\n')[0] ?? '');
      throw error;
    }
    const where = [{ topic, partition }];
    const [earliest = 0] = await admin.offsets(where, 'earliest');
    const [latest = 0] = await admin.offsets(where, 'latest');
    const next = fetchOffset < earliest ? earliest : latest;
    const place = { topic, partition, from: fetchOffset, to: next };
    if (next > fetchOffset) {
      followed.stats.lost += next - fetchOffset;
      log.error(place, 'records were removed before they were stored');
    } else {
      log.error(place, 'the partition is shorter than what is stored of it');
    }
    followed.stats.progress.next = next;
    fetcher.seek(topic, partition, next);
  }

  async #followOne(topic: FollowedTopic, partition: number): Promise<void> {
    const { admin, fetcher, log, progress: all, site } = this.#options;
    const progress = all.partition(topic.name, partition);
    const isOther = isMadeAnew(progress, topic.id);
    const known = this.of(topic.name, partition);
    if (known && !isOther) return;
    if (isOther) {
      log.warn({ topic: topic.name, partition }, 'the topic was made anew; reading it from its start');
    }
    if (progress.next < 0 || isOther) {
      const [earliest = 0] = await admin.offsets([{ topic: topic.name, partition }], 'earliest');
      const first = Math.max(0, earliest);
      if (isOther) beginAnew(progress, topic.id, first);
      else progress.next = progress.committed = first;
    }
    if (topic.id !== '') progress.topicId = topic.id;
    const from = { topicId: progress.topicId, firstOffset: progress.next };
    if (known) Object.assign(known, from);
    else {
      const stats = newPartitionStats(progress);
      const filler = new RecordFiller(stats, all, site);
      const one = { stats, filler, mode: topic.mode, ...from };
      this.#partitions.set(keyOf(topic.name, partition), one);
    }
    fetcher.seek(topic.name, partition, progress.next);
  }
}

function isMadeAnew({ topicId }: PartitionProgress, now: string): boolean {
  return topicId !== '' && now !== '' && topicId !== now;
}

function beginAnew(progress: PartitionProgress, topicId: string, firstOffset: number): void {
  progress.topicId = topicId;
  progress.generation++;
  progress.next = progress.committed = firstOffset;
}

const keyOf = (topic: string, partition: number) => `${topic}/${partition}`;
