import type { TopicPartition } from './records.ts';

export interface PartitionDescription {
  partition: number;
  /** Node id, -1 when there is none. */
  leader: number;
  replicas: number[];
  isr: number[];
}

export interface TopicDescription {
  name: string;
  /** KIP-516 topic id as a UUID string; null where the cluster does not tell. */
  id: string | null;
  internal: boolean;
  partitions: PartitionDescription[];
}

export interface TopicSpec {
  name: string;
  partitions: number;
  /** Default -1: the broker's default (KIP-464). */
  replicationFactor?: number;
  configs?: Readonly<Record<string, string>>;
}

export interface ConfigEntry {
  name: string;
  /** null when the broker keeps it secret. */
  value: string | null;
  /** Who set it: the topic, the broker's configuration, or nobody. */
  source: 'topic' | 'broker' | 'default';
  readOnly: boolean;
}

export interface GroupListing {
  group: string;
  /** `consumer` for groups of consumers; empty when it only has offsets. */
  protocolType: string;
}

export interface GroupMember {
  memberId: string;
  clientId: string;
  host: string;
  /** What it reads; empty while the group rebalances, and for groups of something else than consumers. */
  assignment: TopicPartition[];
}

export interface GroupDescription extends GroupListing {
  /** `Stable`, `Empty`, `PreparingRebalance`, `CompletingRebalance` or `Dead`. */
  state: string;
  /** Name of the assignor that the members agreed on. */
  protocol: string;
  members: GroupMember[];
}

export interface Admin {
  /** All topics, internal ones too. */
  listTopics(): Promise<TopicDescription[]>;
  /** Throws DDS_UNKNOWN_TOPIC when one is missing; never creates. */
  describeTopics(names: readonly string[]): Promise<TopicDescription[]>;
  /** A topic that exists already is left as it is and not in the answer. */
  createTopics(specs: readonly TopicSpec[], options?: { validateOnly?: boolean }): Promise<string[]>;
  createPartitions(topic: string, count: number): Promise<void>;
  deleteTopics(names: readonly string[]): Promise<void>;
  /** Configs that the topic has of its own; for all others the broker's count. */
  topicConfigs(topic: string): Promise<Record<string, string>>;
  /** Configs of each topic, in the order asked: the named ones, else all. */
  describeConfigs(topics: readonly string[], names?: readonly string[]): Promise<ConfigEntry[][]>;
  /** Changes the named configs and no other (KIP-339); null takes the topic's own value away. */
  alterTopicConfigs(
    topic: string,
    changes: Readonly<Record<string, string | null>>,
    options?: { validateOnly?: boolean },
  ): Promise<void>;
  /** Removes the records before `offset` (-1: all that are there now). The new first offsets, in the order asked. KIP-107. */
  deleteRecords(before: readonly (TopicPartition & { offset: number })[]): Promise<number[]>;
  /** Bytes on disk per partition (all of them when none is named), over all replicas; without those nobody told. KIP-113. */
  partitionSizes(topics?: readonly string[]): Promise<(TopicPartition & { bytes: number })[]>;
  /** First offset at or after a time (ms), `earliest`, or `latest` (the high watermark). -1 when no record is that young. */
  offsets(partitions: readonly TopicPartition[], at: 'earliest' | 'latest' | number): Promise<number[]>;
  /** Committed offsets of a group; -1 where there is none. */
  committed(group: string, partitions: readonly TopicPartition[]): Promise<number[]>;
  /** Commits without being a member (only for a group that has none). */
  commit(group: string, offsets: readonly (TopicPartition & { offset: number })[]): Promise<void>;
  /** All that a group has committed. */
  allCommitted(group: string): Promise<(TopicPartition & { offset: number })[]>;
  /** Of all brokers. */
  listGroups(): Promise<GroupListing[]>;
  /** In the order asked; a group that does not exist has the state `Dead`. */
  describeGroups(groups: readonly string[]): Promise<GroupDescription[]>;
  /** Throws DDS_UNKNOWN_GROUP, DDS_GROUP_IN_USE. KIP-229. */
  deleteGroup(group: string): Promise<void>;
  /** Forgets positions of topics that no member reads. Throws DDS_UNKNOWN_GROUP, DDS_GROUP_IN_USE. KIP-496. */
  deleteGroupOffsets(group: string, partitions: readonly TopicPartition[]): Promise<void>;
  brokers(): Promise<{ nodeId: number; host: string; port: number }[]>;
}
