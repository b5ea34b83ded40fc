import type { PartitionTail } from '../record-consumer.ts';
import type { RecordReader } from '../records.ts';
import { Arrivals } from './arrivals.ts';
import { SecondCounts } from './second-counts.ts';

/** A group that has positions in a topic. */
export interface GroupLag {
  group: string;
  lag: number;
}

/** What is counted of a topic at a site. All counts come from every batch, whatever is shown. */
export class TopicCounts {
  readonly site: string;
  readonly topic: string;
  /** Numbers of those that are read. */
  readonly partitions = new Set<number>();
  records = 0;
  bytes = 0;
  /** Records that were in the topic when the tail began and are still to be read; the rates are of those that came since. */
  backlog = 0;
  readonly recordsPerSecond: SecondCounts;
  readonly bytesPerSecond: SecondCounts;
  /** The one that is farthest behind first; empty when no group reads the topic, null while nobody has told. */
  groups: GroupLag[] | null = null;

  constructor(site: string, topic: string, nowMs: number) {
    this.site = site;
    this.topic = topic;
    this.recordsPerSecond = new SecondCounts(nowMs);
    this.bytesPerSecond = new SecondCounts(nowMs);
  }
}

/** A partition that is read, by the number under which the ring knows it. */
export interface LivePartition {
  readonly number: number;
  readonly tail: PartitionTail;
  readonly counts: TopicCounts;
  readonly reader: RecordReader;
  readonly arrivals: Arrivals;
  /** Everything before it was counted. */
  nextOffset: number;
}

export function livePartition(
  number: number,
  tail: PartitionTail,
  counts: TopicCounts,
  reader: RecordReader,
): LivePartition {
  counts.partitions.add(tail.partition);
  counts.backlog += Math.max(0, tail.newFrom - tail.start);
  return { number, tail, counts, reader, arrivals: new Arrivals(), nextOffset: tail.start };
}
