import type { MemberProtocol } from '../group-member.ts';
import { NO_PARTITIONS, type Partitions, union } from './partitions.ts';

/** As Kafka stores them (MemberState): where the member is on its way to its target. */
export type MemberState = 'stable' | 'unrevoked' | 'unreleased';

/** What a member says of itself; null is what has not changed. */
export interface MemberWord {
  readonly rackId: string | null;
  /** -1: not changed. */
  readonly rebalanceTimeoutMs: number;
  readonly subscribedTopicNames: readonly string[] | null;
  readonly subscribedTopicRegex: string | null;
  readonly serverAssignor: string | null;
  readonly clientId: string;
  readonly clientHost: string;
}

/** A heartbeat of the consumer protocol. */
export interface Heartbeat extends MemberWord {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly owned: Partitions | null;
}

/** What a member is subscribed to and how it wants it shared out. */
export interface Subscription {
  rackId: string | null;
  rebalanceTimeoutMs: number;
  topicNames: readonly string[];
  topicRegex: string | null;
  serverAssignor: string | null;
}

/** What the group needs to know of a member that speaks the classic protocol to it. */
export interface ClassicSide {
  readonly sessionTimeoutMs: number;
  readonly protocols: readonly MemberProtocol[];
}

/** Leaves for good, or (static) will be back. */
export const LEAVE_EPOCH = -1;
export const LEAVE_FOR_NOW_EPOCH = -2;

/** A member of a group under the consumer protocol (KIP-848). */
export class ConsumerMember implements Subscription {
  readonly id: string;
  readonly instanceId: string | null;
  clientId = '';
  clientHost = '';
  rackId: string | null = null;
  rebalanceTimeoutMs = -1;
  topicNames: readonly string[] = [];
  topicRegex: string | null = null;
  serverAssignor: string | null = null;
  epoch = 0;
  previousEpoch = 0;
  state: MemberState = 'stable';
  /** Null for a member of the consumer protocol. */
  classic: ClassicSide | null = null;
  /** What it may read. */
  assigned: Partitions = NO_PARTITIONS;
  /** What it has to give back before it gets anything else. */
  revoking: Partitions = NO_PARTITIONS;
  #session: NodeJS.Timeout | null = null;
  #revocation: NodeJS.Timeout | null = null;
  #rejoin: NodeJS.Timeout | null = null;
  #sync: NodeJS.Timeout | null = null;

  constructor(id: string, instanceId: string | null) {
    this.id = id;
    this.instanceId = instanceId;
  }

  /** What nobody else may have. */
  get held(): Partitions {
    return this.revoking.size === 0 ? this.assigned : union(this.assigned, this.revoking);
  }

  get isAway(): boolean {
    return this.epoch === LEAVE_FOR_NOW_EPOCH;
  }

  /** Takes over what it says; true when the group has to be shared out anew. */
  update(word: MemberWord): boolean {
    const { rackId, rebalanceTimeoutMs, subscribedTopicNames, subscribedTopicRegex, serverAssignor } = word;
    const before = JSON.stringify([this.rackId, this.topicNames, this.topicRegex, this.serverAssignor]);
    this.clientId = word.clientId;
    this.clientHost = word.clientHost;
    this.rackId = rackId ?? this.rackId;
    if (rebalanceTimeoutMs >= 0) this.rebalanceTimeoutMs = rebalanceTimeoutMs;
    if (subscribedTopicNames) this.topicNames = subscribedTopicNames.toSorted();
    if (subscribedTopicRegex !== null) this.topicRegex = subscribedTopicRegex || null;
    this.serverAssignor = serverAssignor ?? this.serverAssignor;
    return before !== JSON.stringify([this.rackId, this.topicNames, this.topicRegex, this.serverAssignor]);
  }

  touch(sessionTimeoutMs: number, onExpired: () => void): void {
    clearTimeout(this.#session ?? undefined);
    this.#session = setTimeout(onExpired, sessionTimeoutMs).unref();
  }

  /** Runs while the member has something to give back; one of the classic protocol gives it back when it joins again. */
  watchRevocation(onExpired: () => void): void {
    if (this.state !== 'unrevoked' || this.classic) {
      clearTimeout(this.#revocation ?? undefined);
      this.#revocation = null;
    } else this.#revocation ??= setTimeout(onExpired, this.rebalanceTimeoutMs).unref();
  }

  /** A member of the classic protocol was told to join again. */
  awaitRejoin(onLate: () => void): void {
    this.#rejoin ??= setTimeout(onLate, this.rebalanceTimeoutMs).unref();
  }

  /** It has joined, and now is to sync. */
  awaitSync(onLate: () => void): void {
    this.stopAwaiting();
    this.#sync = setTimeout(onLate, this.rebalanceTimeoutMs).unref();
  }

  stopAwaiting(): void {
    for (const timer of [this.#rejoin, this.#sync]) clearTimeout(timer ?? undefined);
    this.#rejoin = this.#sync = null;
  }

  close(): void {
    clearTimeout(this.#session ?? undefined);
    clearTimeout(this.#revocation ?? undefined);
    this.#session = this.#revocation = null;
    this.stopAwaiting();
  }
}

/** KIP-345: who comes with the instance id of a member that is away has its partitions. */
export function successor(
  memberId: string,
  instanceId: string | null,
  old: ConsumerMember | undefined,
): ConsumerMember {
  const member = new ConsumerMember(memberId, instanceId);
  if (!old) return member;
  const { rackId, rebalanceTimeoutMs, topicNames, topicRegex, serverAssignor, assigned } = old;
  return Object.assign(member, {
    ...{ rackId, rebalanceTimeoutMs, topicNames, topicRegex, serverAssignor, assigned },
  });
}
