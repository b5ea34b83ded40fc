/**
 * The port to Kafka: what the rest of dds may ask of a cluster. Records travel in batches of bytes; there is no
 * object and no promise per record. Offsets are plain numbers (exact to 2^53); times are ms since the epoch.
 */
import type { KafkaAccess } from '../../shared/access.ts';
import type { RecordCursor } from './record-cursor.ts';

export interface KafkaSettings extends KafkaAccess {
  /** `host:port` of at least one broker. */
  brokers: readonly string[];
  clientId: string;
  /** A broker that does not answer for this long is taken for unreachable. Default 5000. */
  connectTimeoutMs?: number;
  /** Default 30000. */
  requestTimeoutMs?: number;
}

export interface TopicPartition {
  topic: string;
  partition: number;
}

export interface Header {
  key: string;
  value: Uint8Array | null;
}

export interface ProducerOptions {
  /** Default -1 (all). An idempotent producer always uses -1. */
  acks?: -1 | 0 | 1;
  /** Default true: a retry never doubles or reorders a record. */
  idempotent?: boolean;
  /** How long a record may wait for others, ms. Default 5. */
  lingerMs?: number;
  /** A batch is sent when it reaches this size. Default 256 KiB. */
  batchBytes?: number;
  /** Requests under way per broker. Default 5 (the most that idempotence allows). */
  maxInFlight?: number;
  /** A batch that is not acknowledged within this time has failed. Default 120000. */
  deliveryTimeoutMs?: number;
  compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  /**
   * Default false. When true, a batch that is given up takes all that is behind it in its partition with it, so that what
   * is acknowledged has no gap, and sending the rest again keeps the order. Needs idempotence.
   */
  failTogether?: boolean;
  /** Called once per batch, acknowledged or failed; the batch's arrays are only valid during the call. */
  onBatch?(report: BatchReport): void;
}

/** What became of one produced batch. */
export interface BatchReport extends TopicPartition {
  /** Offset of the first record; -1 when it failed or with acks 0. */
  baseOffset: number;
  count: number;
  /** The tag given with each record, in order. */
  tags: Float64Array;
  /** `clock.monotonic()` when the request was written first, and when the answer came. */
  sentAtMs: number;
  ackedAtMs: number;
  /** Set when the batch was given up; nothing is known of what the broker did with it. */
  error: Error | null;
}

export interface Producer {
  start(): Promise<void>;
  /** Number of partitions, from cached metadata. Throws DDS_UNKNOWN_TOPIC. */
  partitionCount(topic: string): Promise<number>;
  /**
   * Adds a record to the partition's open batch. Synchronous and without a limit of its own: a caller that can
   * outrun the broker watches `pendingRecords` or awaits `below()`. `tag` is any number of the caller's that
   * comes back in the BatchReport.
   */
  append(
    topic: string,
    partition: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestampMs: number,
    headers: readonly Header[] | null,
    tag: number,
  ): void;
  /** Records appended and not yet acknowledged or failed. */
  readonly pendingRecords: number;
  readonly pendingBytes: number;
  /** Resolves when fewer than `records` are pending. */
  below(records: number): Promise<void>;
  /** Sends all that is open and resolves when nothing is pending. Rejects with the first batch error since the last flush. */
  flush(): Promise<void>;
  /** Flushes, then closes; with an aborted signal, closes at once. */
  close(signal?: AbortSignal): Promise<void>;
}

export interface TransactionalProducerOptions
  extends Omit<ProducerOptions, 'acks' | 'idempotent' | 'failTogether'> {
  /** Who this is, over restarts: a newer producer of the same id fences the older one. */
  transactionalId: string;
  /** A transaction that is open for longer is aborted by the cluster, and its producer fenced, ms. Default 60000. */
  transactionTimeoutMs?: number;
}

export interface OffsetToSend extends TopicPartition {
  offset: number;
  metadata?: string;
}

/** The member of a group that consumed; a `GroupGeneration` is one. KIP-447. */
export interface TransactionMember {
  readonly memberId: string;
  /** Generation. */
  readonly id: number;
}

/**
 * A producer whose records, and offsets of what they were made from, are seen by read_committed readers all or never:
 * `start()` once, then `begin()`, `append()`, `sendOffsets()`, `commit()` over and over. Whatever fails within a
 * transaction, it can only be aborted then; after DDS_FENCED the producer is of no more use, and closing it is all there is.
 */
export interface TransactionalProducer extends Producer {
  /** Takes the id over: an earlier producer is fenced, what it left open is aborted. Throws DDS_FENCED, DDS_BROKER_UNREACHABLE. */
  start(): Promise<void>;
  /** True from `begin()` until a commit or an abort has gone well. */
  readonly inTransaction: boolean;
  /** What has failed within the transaction, which can only be aborted then; null while all is well. */
  readonly failure: Error | null;
  /** Asks nobody. Throws DDS_BUG within a transaction, DDS_FENCED when it was taken over. */
  begin(): void;
  /**
   * Commits offsets of a group with the transaction. With a member only as long as the group has not given its partitions
   * to others: throws an error that `isPartitionsLost` knows then.
   */
  sendOffsets(group: string, offsets: readonly OffsetToSend[], member?: TransactionMember): Promise<void>;
  /**
   * Flushes, then commits; one that has nothing in it asks nobody. Throws what has failed within: then `abort()`. Throws
   * DDS_BROKER_UNREACHABLE when no coordinator answered for the delivery timeout: then it may be called again.
   */
  commit(): Promise<void>;
  /** Gives up what is pending (reported as failed) and aborts. Throws DDS_FENCED. */
  abort(): Promise<void>;
  /** Aborts what is open, then closes; with an aborted signal, closes at once. */
  close(signal?: AbortSignal): Promise<void>;
}

export interface FetcherOptions {
  /** Longest wait at the broker for the first byte, ms. Default 500. */
  maxWaitMs?: number;
  minBytes?: number;
  /** Per partition and answer. Default 1 MiB. */
  maxPartitionBytes?: number;
  /** Of one answer. Default 8 MiB: it bounds the memory. */
  maxBytes?: number;
  /** Default read_committed. */
  isolation?: 'read_committed' | 'read_uncommitted';
}

export interface FetchedPartition extends TopicPartition {
  /** The offset the fetch asked for. */
  fetchOffset: number;
  /** Where to go on after this; past the last record, also when control records or gaps end the batch. */
  nextOffset: number;
  highWatermark: number;
  logStartOffset: number;
  /** Walks the data records at or after fetchOffset. Valid until the next poll(). */
  records: RecordCursor;
  /** Number of bytes of the batches, as on the wire. */
  bytes: number;
}

export type FetchProblem = TopicPartition & {
  /** `out-of-range`: the position is before the log's start (or past its end); nothing is skipped, the owner seeks. `unknown-topic`: it was deleted. */
  kind: 'out-of-range' | 'unknown-topic' | 'corrupt' | 'error';
  fetchOffset: number;
  error: Error;
};

export interface FetchResult {
  partitions: FetchedPartition[];
  problems: FetchProblem[];
}

/** Reads partitions that the caller chooses, without a consumer group. */
export interface Fetcher {
  /** Adds a partition, or moves it. */
  seek(topic: string, partition: number, offset: number): void;
  remove(topic: string, partition: number): void;
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
  /** Next offset to fetch, per assigned partition. */
  position(topic: string, partition: number): number | undefined;
  /**
   * Resolves as soon as any broker has data or a problem to tell, else empty after `waitMs`. A broker that is gone is
   * retried with backoff inside, and shows in `unreachable`. Only one poll at a time. While the caller works on a
   * result, the next fetch is already on its way (one answer per broker is buffered, no more).
   */
  poll(waitMs: number, signal?: AbortSignal): Promise<FetchResult>;
  /** Set while the brokers of some assigned partitions do not answer. */
  readonly unreachable: Error | null;
  close(): Promise<void>;
}

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

/** An offset with what was noted beside it when it was committed. */
export interface CommittedOffset extends TopicPartition {
  /** -1 when there is none. */
  offset: number;
  /** At most 4096 characters by the broker's default. */
  metadata: string;
}

/** A member as the leader of the group sees it. */
export interface GroupSubscription {
  memberId: string;
  topics: readonly string[];
  /** Of this member's assignor; empty when it gave none. */
  userData: Buffer;
}

export interface GroupAssignment {
  partitions: readonly TopicPartition[];
  /** For that member alone. */
  userData?: Uint8Array;
}

/** Who reads what, decided by one member for all. All members of a group must name the same assignor. */
export interface GroupAssignor {
  readonly name: string;
  /** Told to the leader; asked before each join, when nothing is owned any more. */
  userData(): Uint8Array;
  /** Called at the leader. By member id; a member that is left out reads nothing. */
  assign(members: readonly GroupSubscription[]): Promise<Map<string, GroupAssignment>>;
}

export interface GroupOptions {
  groupId: string;
  topics: readonly string[];
  assignor: GroupAssignor;
  /** A member that is silent for this long is put out, ms. Default 45000. */
  sessionTimeoutMs?: number;
  /** How long a member may take to finish its work once the group rebalances, ms. Default 60000. */
  rebalanceTimeoutMs?: number;
  /** Default a third of the session timeout, at most 3000. */
  heartbeatIntervalMs?: number;
}

/** What the group gave this member, until the next rebalance. */
export interface GroupGeneration {
  readonly id: number;
  readonly memberId: string;
  readonly partitions: readonly TopicPartition[];
  readonly userData: Buffer;
  /** Aborted when the group rebalances, or has put this member out. */
  readonly ended: AbortSignal;
  /** Others may own the partitions by now: what is not committed must be given up. */
  readonly isLost: boolean;
}

/**
 * Membership in a consumer group by the eager protocol. It only says who reads what; reading is a Fetcher's. When
 * `ended` aborts, the owner finishes its record, commits, and then joins again: until that call the broker still takes
 * commits of the old generation.
 */
export interface GroupMembership {
  /** Joins, or joins again. Retries while no coordinator answers; rejects when the signal aborts. */
  join(signal: AbortSignal): Promise<GroupGeneration>;
  /**
   * In the order asked. With `stableUntil`, offsets that a transaction may still move are waited for until it is over (KIP-447);
   * rejects when that signal aborts.
   */
  committed(
    partitions: readonly TopicPartition[],
    options?: { stableUntil?: AbortSignal },
  ): Promise<CommittedOffset[]>;
  /** Throws an error that `isPartitionsLost` knows when the group gave the partitions to others. A coordinator that moves is waited for. */
  commit(offsets: readonly CommittedOffset[]): Promise<void>;
  /** Tells the coordinator, so that others take over at once; never rejects. */
  leave(): Promise<void>;
}

/** A cluster. Connections are opened when first needed; `close()` ends all of them. */
export interface Kafka {
  readonly settings: KafkaSettings;
  /** Resolves when a broker answers; throws DDS_BROKER_UNREACHABLE, DDS_TLS, DDS_AUTHENTICATION, DDS_CREDENTIALS. */
  connect(): Promise<void>;
  admin(): Admin;
  producer(options: TransactionalProducerOptions): TransactionalProducer;
  producer(options?: ProducerOptions): Producer;
  fetcher(options?: FetcherOptions): Fetcher;
  group(options: GroupOptions): GroupMembership;
  close(): Promise<void>;
}
