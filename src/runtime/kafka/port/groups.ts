import type { TopicPartition } from './records.ts';

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
