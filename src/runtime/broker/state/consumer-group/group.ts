import type { KafkaErrorName } from '../../../protocol/index.ts';
import { type AssignorMember, assignors, preferredAssignor } from './assignors.ts';
import {
  type ClassicSide,
  ConsumerMember,
  type Heartbeat,
  LEAVE_EPOCH,
  LEAVE_FOR_NOW_EPOCH,
  type MemberWord,
} from './member.ts';
import { equals, has, isSubset, NO_PARTITIONS, type Partitions } from './partitions.ts';
import { nextStep } from './reconcile.ts';
import { type ResolvedSubscriptions, resolveSubscriptions, type SubscribableTopic } from './subscriptions.ts';

export type ConsumerGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable' | 'Dead';

export interface ConsumerGroupOptions {
  id: string;
  topics(): Iterable<SubscribableTopic>;
  /** Another number whenever `topics` gives something else. */
  topicsRevision(): number;
  sessionTimeoutMs(groupId: string): number;
  heartbeatIntervalMs(groupId: string): number;
  maxSize(): number;
  now(): number;
  /** Something that has to survive a restart is different: the group itself and these. */
  onChanged(group: ConsumerGroup, changes: GroupChanges): void;
  /** The last member of the consumer protocol is gone, and those of the classic one are left, in need of a rebalance or not. */
  onClassicAlone(group: ConsumerGroup, mustRebalance: boolean, goneId?: string): void;
}

export interface GroupChanges {
  /** Gone: null. */
  readonly members: ReadonlyMap<string, ConsumerMember | null>;
  /** Members that are to have something else. */
  readonly targets: ReadonlySet<string>;
}

export interface HeartbeatAnswer {
  error: KafkaErrorName;
  message?: string;
  memberId?: string;
  memberEpoch?: number;
  heartbeatIntervalMs?: number;
  /** null: as it was. */
  assignment?: Partitions | null;
}

const refused = (error: KafkaErrorName, message: string): HeartbeatAnswer => ({ error, message });

/**
 * One group under the consumer protocol (KIP-848): the rules of GroupMetadataManager.consumerGroupHeartbeat. Members
 * heartbeat; each heartbeat takes its member a step towards the target that the group's epoch stands for.
 */
export class ConsumerGroup {
  readonly id: string;
  readonly protocolType = 'consumer';
  readonly #options: ConsumerGroupOptions;
  /** The first member raises it, as every change does; Kafka begins there as well. */
  epoch = 1;
  assignmentEpoch = 0;
  assignor = '';
  stateSinceMs: number;
  readonly members = new Map<string, ConsumerMember>();
  readonly targets = new Map<string, Partitions>();
  /** What topics the last target was made from, with their partitions. */
  #topicsSeen = '';
  /** Null when members or what they are subscribed to have changed. */
  #subscriptions: (ResolvedSubscriptions & { revision: number }) | null = null;
  #isClosed = false;

  constructor(options: ConsumerGroupOptions) {
    this.id = options.id;
    this.#options = options;
    this.stateSinceMs = options.now();
  }

  get state(): ConsumerGroupState {
    if (this.#isClosed) return 'Dead';
    if (this.members.size === 0) return 'Empty';
    if (this.epoch > this.assignmentEpoch) return 'Assigning';
    const settled = [...this.members.values()].every(
      (member) => member.isAway || (member.state === 'stable' && member.epoch === this.assignmentEpoch),
    );
    return settled ? 'Stable' : 'Reconciling';
  }

  get isUnused(): boolean {
    return this.members.size === 0;
  }

  targetOf(memberId: string): Partitions {
    return this.targets.get(memberId) ?? NO_PARTITIONS;
  }

  /** All that one may be subscribed to. */
  topics(): Iterable<SubscribableTopic> {
    return this.#options.topics();
  }

  get hasRoom(): boolean {
    return this.members.size < this.#options.maxSize();
  }

  /** Whether anybody speaks the consumer protocol. */
  get hasConsumers(): boolean {
    return [...this.members.values()].some(({ classic }) => classic === null);
  }

  heartbeat(heartbeat: Heartbeat): HeartbeatAnswer {
    const { memberId, memberEpoch, owned } = heartbeat;
    const member = this.#memberFor(heartbeat);
    if (!(member instanceof ConsumerMember)) return member;
    const before = member.assigned;
    this.advance(member, heartbeat, memberEpoch === 0 ? NO_PARTITIONS : owned, null);
    // KIP-848: a full heartbeat is answered in full.
    const isFull = memberEpoch === 0 || (heartbeat.rebalanceTimeoutMs >= 0 && owned !== null);
    return {
      error: 'NONE',
      memberId,
      memberEpoch: member.epoch,
      heartbeatIntervalMs: this.#options.heartbeatIntervalMs(this.id),
      assignment: isFull || !equals(before, member.assigned) ? member.assigned : null,
    };
  }

  /**
   * Takes over what a member says of itself, shares out anew where that changes anything, and takes the member a step
   * towards its target. True when the group has to be shared out anew because of it.
   */
  advance(
    member: ConsumerMember,
    said: MemberWord,
    owned: Partitions | null,
    classic: ClassicSide | null,
  ): boolean {
    const isOther = classic !== null || member.classic !== null;
    if (member.classic && !classic) member.stopAwaiting();
    member.classic = classic;
    const changed = member.update(said);
    const { id: memberId } = member;
    const joins = !this.members.has(memberId);
    this.members.set(memberId, member);
    const touched = new Map<string, ConsumerMember | null>();
    const targets = new Set<string>();
    const wasReplaced = this.#replaced(member, touched, targets);
    if (joins || changed) this.#subscriptions = null;
    const subscriptions = this.#resolve();
    const isOld = subscriptions.signature !== this.#topicsSeen;
    // Who takes the place of a static member changes nothing for the others.
    if ((joins && !wasReplaced) || changed || isOld) this.epoch++;
    if (this.epoch > this.assignmentEpoch) this.#shareOut(subscriptions, targets);
    this.touch(member);
    const moved = this.#step(member, owned);
    if (joins || changed || isOld || isOther || wasReplaced || moved || targets.size > 0)
      this.#options.onChanged(this, { members: touched.set(memberId, member), targets });
    return (joins && !wasReplaced) || changed;
  }

  /** The member that speaks, a new one when it joins, or why it may not. */
  #memberFor(heartbeat: Heartbeat): ConsumerMember | HeartbeatAnswer {
    const { memberId, memberEpoch, instanceId, owned } = heartbeat;
    const isJoining = memberEpoch === 0;
    const known = this.members.get(memberId);
    const holder = instanceId === null ? undefined : this.byInstance(instanceId);
    if (isJoining) {
      if (holder && holder.id !== memberId && !holder.isAway && !holder.classic)
        return refused('UNRELEASED_INSTANCE_ID', `Instance id ${instanceId} is in use by ${holder.id}.`);
      if (!known && !holder && !this.hasRoom)
        return refused('GROUP_MAX_SIZE_REACHED', `The group has its ${this.members.size} members.`);
      return known ?? this.successor(memberId, instanceId, holder);
    }
    if (holder && holder.id !== memberId)
      return refused('FENCED_INSTANCE_ID', `Instance id ${instanceId} is in use by another member.`);
    if (!known)
      return refused('UNKNOWN_MEMBER_ID', `Member ${memberId} is not a member of group ${this.id}.`);
    const { epoch, previousEpoch, assigned } = known;
    // The answer that told of the new epoch may have got lost.
    const isRetry = memberEpoch === previousEpoch && owned !== null && isSubset(owned, assigned);
    if (memberEpoch === epoch || (memberEpoch < epoch && isRetry)) return known;
    return refused(
      'FENCED_MEMBER_EPOCH',
      `The member epoch ${memberEpoch} is not the one known here (${epoch}).`,
    );
  }

  /** KIP-345: who comes with the instance id of a member that is away has its partitions. */
  successor(memberId: string, instanceId: string | null, old: ConsumerMember | undefined): ConsumerMember {
    const member = new ConsumerMember(memberId, instanceId);
    if (!old) return member;
    const { rackId, rebalanceTimeoutMs, topicNames, topicRegex, serverAssignor, assigned } = old;
    return Object.assign(member, {
      ...{ rackId, rebalanceTimeoutMs, topicNames, topicRegex, serverAssignor, assigned },
    });
  }

  /** Every heartbeat asks; most find nothing new. */
  #resolve(): ResolvedSubscriptions {
    const revision = this.#options.topicsRevision();
    if (this.#subscriptions?.revision !== revision)
      this.#subscriptions = { ...resolveSubscriptions(this.members, this.#options.topics()), revision };
    return this.#subscriptions;
  }

  /** Forgets the member whose place was taken. */
  #replaced(
    member: ConsumerMember,
    touched: Map<string, ConsumerMember | null>,
    targets: Set<string>,
  ): boolean {
    if (member.instanceId === null) return false;
    for (const other of this.members.values()) {
      if (other === member || other.instanceId !== member.instanceId) continue;
      this.targets.set(member.id, this.targetOf(other.id));
      targets.add(member.id);
      this.#forget(other);
      touched.set(other.id, null);
      return true;
    }
    return false;
  }

  #shareOut({ byMember, partitionCounts, signature }: ResolvedSubscriptions, different: Set<string>): void {
    const members = [...this.members.values()].map(
      ({ id, instanceId }): AssignorMember => ({
        ...{ order: instanceId ?? id, memberId: id, topics: byMember.get(id)!, target: this.targetOf(id) },
      }),
    );
    this.assignor = preferredAssignor([...this.members.values()].map(({ serverAssignor }) => serverAssignor));
    const shared = assignors[this.assignor]!(members, partitionCounts);
    for (const [memberId, partitions] of shared) {
      const before = this.targets.get(memberId);
      if (!before || !equals(before, partitions)) different.add(memberId);
      this.targets.set(memberId, partitions);
    }
    this.assignmentEpoch = this.epoch;
    this.#topicsSeen = signature;
  }

  #step(member: ConsumerMember, owned: Partitions | null): boolean {
    const others = [...this.members.values()].filter((other) => other !== member);
    const step = nextStep(member, owned, {
      epoch: this.assignmentEpoch,
      partitions: this.targetOf(member.id),
      isHeldByOther: (topicId, partition) => others.some(({ held }) => has(held, topicId, partition)),
    });
    if (!step) return false;
    if (step.epoch !== member.epoch) member.previousEpoch = member.epoch;
    Object.assign(member, step);
    member.watchRevocation(() => this.expire(member));
    return true;
  }

  touch(member: ConsumerMember): void {
    const sessionTimeoutMs = member.classic?.sessionTimeoutMs ?? this.#options.sessionTimeoutMs(this.id);
    member.touch(sessionTimeoutMs, () => this.expire(member));
  }

  /** Gone for good, or for as long as its session lasts when it is static and says so. */
  leave(memberId: string, instanceId: string | null, epoch: number): HeartbeatAnswer {
    const member = instanceId === null ? this.members.get(memberId) : this.byInstance(instanceId);
    if (!member)
      return refused('UNKNOWN_MEMBER_ID', `Member ${memberId} is not a member of group ${this.id}.`);
    if (memberId !== '' && member.id !== memberId)
      return refused('FENCED_INSTANCE_ID', `Instance id ${instanceId} is in use by another member.`);
    if (epoch === LEAVE_FOR_NOW_EPOCH && member.instanceId !== null) {
      Object.assign(member, { epoch, state: 'stable', revoking: NO_PARTITIONS });
      member.watchRevocation(() => {});
      this.touch(member);
      this.#options.onChanged(this, { members: new Map([[member.id, member]]), targets: new Set() });
    } else this.expire(member);
    return {
      error: 'NONE',
      memberId: member.id,
      memberEpoch: epoch === LEAVE_FOR_NOW_EPOCH ? epoch : LEAVE_EPOCH,
    };
  }

  /** Out for good. */
  expire(member: ConsumerMember): void {
    if (this.members.get(member.id) !== member) return;
    this.#forget(member);
    if (this.members.size > 0 && !this.hasConsumers) {
      this.leaveToClassic(true, member.id);
      return;
    }
    this.epoch++;
    if (this.members.size === 0) {
      this.stateSinceMs = this.#options.now();
      this.assignmentEpoch = this.epoch;
    }
    this.#options.onChanged(this, { members: new Map([[member.id, null]]), targets: new Set() });
  }

  /** From here on this group is one of the classic protocol. */
  leaveToClassic(mustRebalance: boolean, goneId?: string): void {
    this.#options.onClassicAlone(this, mustRebalance, goneId);
  }

  #forget(member: ConsumerMember): void {
    member.close();
    this.members.delete(member.id);
    this.targets.delete(member.id);
    this.#subscriptions = null;
  }

  /** Why a member may not commit or read offsets; null when it may. */
  memberProblem(memberId: string, epoch: number): KafkaErrorName | null {
    if (epoch < 0 && this.members.size === 0) return null;
    const member = this.members.get(memberId);
    if (!member) return 'UNKNOWN_MEMBER_ID';
    if (member.epoch === epoch) return null;
    return member.classic ? 'ILLEGAL_GENERATION' : 'STALE_MEMBER_EPOCH';
  }

  byInstance(instanceId: string): ConsumerMember | undefined {
    return [...this.members.values()].find((member) => member.instanceId === instanceId);
  }

  isSubscribed(topic: string): boolean {
    const { byMember } = resolveSubscriptions(this.members, [{ name: topic, id: topic, partitions: 1 }]);
    return [...byMember.values()].some((topics) => topics.size > 0);
  }

  /** Members of a classic group with what they have, of whom one of the consumer protocol is about to take a place. */
  takeOver(members: readonly ConsumerMember[], epoch: number): void {
    this.epoch = this.assignmentEpoch = epoch;
    for (const member of members) {
      this.members.set(member.id, member);
      this.targets.set(member.id, member.assigned);
    }
    this.#topicsSeen = this.#resolve().signature;
  }

  /** Members that were there when the broker stopped have a session's time to show up. */
  restore(): void {
    for (const member of this.members.values()) {
      this.touch(member);
      member.watchRevocation(() => this.expire(member));
    }
  }

  close(): void {
    for (const member of this.members.values()) member.close();
    this.members.clear();
    this.#isClosed = true;
  }
}
