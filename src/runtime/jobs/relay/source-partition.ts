import { DeliveryTracker } from './delivery-tracker.ts';
import type { PartitionCounts } from './partition-counts.ts';
import type { Position } from './positions.ts';
import type { RecordCopier } from './record-copier.ts';
import type { HoldInfo, HoldReason } from './types.ts';

/** One incarnation of a topic at the source: a topic that was deleted and made again is another. */
export interface SourceTopic {
  name: string;
  /** KIP-516 id; null where the source does not tell. */
  id: string | null;
  target: string;
  copier: RecordCopier;
  /** By number; a partition whose start is not known yet is missing. */
  partitions: (SourcePartition | undefined)[];
}

/**
 * `open`: fetched and relayed. `learning`: a schema is being fetched. `settling`: waits until nothing of it is pending,
 * then goes on. `burying`: a record is on its way to a dead-letter topic. `held`: waits to be tried again. `closed`: the topic is gone.
 */
export type PartitionState = 'open' | 'learning' | 'settling' | 'burying' | 'held' | 'closed';

const firstRetryMs = 1000;
const longestRetryMs = 30_000;

/** A record that the target does not take. */
export interface Refusal {
  offset: number;
  reason: HoldReason;
  message: string;
  /** Whether it may go to a dead-letter topic: the record is at fault, and nothing else. */
  mayBeBuried: boolean;
}

/** A batch that the target refused. */
export interface Failure {
  error: Error;
  /** Of its first record. */
  offset: number;
  count: number;
  end: number;
  /** Where to go on: all before is at the target. */
  restartAt: number;
}

/** What the relay knows of one partition of a source. */
export class SourcePartition {
  readonly topic: SourceTopic;
  readonly partition: number;
  readonly tracker: DeliveryTracker;
  state: PartitionState = 'open';
  /** Where the next fetch has to begin; an answer for another offset is out of date. */
  nextFetch: number;
  /** After a batch was refused: how many records go at once, and up to where, to find the one that is at fault. */
  probe: { limit: number; until: number } | null = null;
  failure: Failure | null = null;
  /** The record to stop at. */
  refusal: Refusal | null = null;
  /** The position that the target has; -1 before the first. */
  savedOffset: number;
  hold: HoldInfo | null = null;
  retryAtMs = 0;
  highWatermark: number;
  /** ms since the epoch; -1 before the first. */
  lastTimestamp = -1;
  caughtUpAtMs = -1;
  /** ms since the epoch; -1 before the first. */
  lastProgressMs = -1;
  readonly counts: PartitionCounts;
  #retryMs = firstRetryMs;

  constructor(
    topic: SourceTopic,
    partition: number,
    at: { position: number; savedOffset: number; highWatermark: number },
    counts: PartitionCounts,
  ) {
    const { position, savedOffset, highWatermark } = at;
    this.savedOffset = savedOffset;
    this.counts = counts;
    this.topic = topic;
    this.partition = partition;
    this.tracker = new DeliveryTracker(position);
    this.nextFetch = position;
    this.highWatermark = highWatermark;
  }

  /** What to save of it. */
  positionAt(offset: number): Position {
    return { topic: this.topic.name, topicId: this.topic.id, partition: this.partition, offset };
  }

  get lagRecords(): number {
    return Math.max(0, this.highWatermark - this.tracker.position);
  }

  /** How far the target is behind in time, by the age of what was relayed last, or since it last had everything. */
  lagSeconds(nowMs: number): number {
    const since = Math.max(this.lastTimestamp, this.caughtUpAtMs);
    if (this.lagRecords === 0 || since < 0) return 0;
    return Math.max(0, (nowMs - since) / 1000);
  }

  /** Stands still before `offset` until `retryAtMs`. True when this is news, and not the same trouble once more. */
  stop(
    offset: number,
    reason: HoldReason,
    message: string,
    now: { wallMs: number; monotonicMs: number },
  ): boolean {
    const again = this.hold?.offset === offset && this.hold.reason === reason;
    if (!again) this.#retryMs = firstRetryMs;
    this.hold = {
      topic: this.topic.name,
      partition: this.partition,
      offset,
      reason,
      message,
      since: again ? this.hold!.since : new Date(now.wallMs).toISOString(),
    };
    this.state = 'held';
    this.counts.error(reason);
    this.retryAtMs = now.monotonicMs + this.#retryMs;
    this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2);
    return !again;
  }

  /** Call after the position moved. True when a hold is over. */
  progressed(nowMs: number): boolean {
    if (this.lagRecords === 0) this.caughtUpAtMs = nowMs;
    if (this.refusal && this.tracker.position > this.refusal.offset) this.refusal = null;
    if (this.hold === null || this.tracker.position <= this.hold.offset) return false;
    this.hold = null;
    this.#retryMs = firstRetryMs;
    return true;
  }
}
