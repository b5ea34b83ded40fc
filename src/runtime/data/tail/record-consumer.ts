import type { FetchedPartition } from '../../kafka/port.ts';
import type { RecordPlace } from './format.ts';
import type { OffsetRange } from './offsets.ts';
import type { RecentRecords } from './output.ts';
import type { RecordReader } from './records.ts';

export interface TopicTail {
  name: string;
  /** KIP-516 topic id; null where the cluster does not tell. */
  id: string | null;
  reader: RecordReader;
  /** Set until the last records (`-n`) of every partition were read. */
  recent: RecentRecords | null;
  partitions: PartitionTail[];
}

export interface PartitionTail extends OffsetRange {
  place: RecordPlace;
  /** Records found so far of those that `-n` looks for. */
  found: number;
  /** The end of what `-n` looks at: everything after it is new. */
  newFrom: number;
  done: boolean;
}

export interface SchemaOrigin {
  name: string;
  versions: { subject: string; version: number }[];
}

/** What is done with the records of one site. */
export interface RecordConsumer {
  /** Takes the records before `tail.end`. False when it stopped earlier, because it wants no more of anything. */
  consume(topic: TopicTail, tail: PartitionTail, fetched: FetchedPartition): boolean | Promise<boolean>;
  /** After each round of fetching. */
  flush(): Promise<void> | undefined;
  /** A partition is taken up. */
  follow?(topic: TopicTail, tail: PartitionTail): void;
  /** The last records of a topic are all here; for those who give `last`. */
  showRecent?(recent: RecentRecords): void;
  /** True while the registry does not answer. */
  readonly waiting: boolean;
}
