import type { KafkaErrorName } from '../../../protocol/index.ts';
import { type HeartbeatAnswer, refused } from './heartbeat-answer.ts';
import {
  type ClassicSide,
  ConsumerMember,
  type Heartbeat,
  LEAVE_EPOCH,
  LEAVE_FOR_NOW_EPOCH,
  type MemberWord,
  successor,
} from './member.ts';
import { equals, has, isSubset, NO_PARTITIONS, type Partitions } from './partitions.ts';
import { nextStep } from './reconcile.ts';
import { resolveSubscriptions, type SubscribableTopic } from './subscriptions.ts';
import { type SubscribableTopics, TargetAssignment } from './target-assignment.ts';

export type ConsumerGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable' | 'Dead';

export interface ConsumerGroupOptions extends SubscribableTopics {
  id: string;
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
  stateSinceMs: number;
  readonly members = new Map<string, ConsumerMember>();
  readonly target: TargetAssignment;
  #isClosed = false;

  constructor(options: ConsumerGroupOptions) {
    this.id = options.id;
    this.#options = options;
    this.target = new TargetAssignment(options);
    this.stateSinceMs = options.now();
  }

  get state(): ConsumerGroupState {
    if (this.#isClosed) return 'Dead';
    if (this.members.size === 0) return 'Empty';
    if (this.epoch > this.target.epoch) return 'Assigning';
    const settled = [...this.members.values()].every(
      (member) => member.isAway || (member.state === 'stable' && member.epoch === this.target.epoch),
    );
    return settled ? 'Stable' : 'Reconciling';
  }

  get isUnused(): boolean {
    return this.members.size === 0;
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
    if (joins || changed) this.target.subscriptionsChanged();
    const isOld = this.target.isOld(this.members);
    // Who takes the place of a static member changes nothing for the others.
    if ((joins && !wasReplaced) || changed || isOld) this.epoch++;
    if (this.epoch > this.target.epoch) this.target.shareOut(this.members, this.epoch, targets);
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
      return known ?? successor(memberId, instanceId, holder);
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

  /** Forgets the member whose place was taken. */
  #replaced(
    member: ConsumerMember,
    touched: Map<string, ConsumerMember | null>,
    targets: Set<string>,
  ): boolean {
    if (member.instanceId === null) return false;
    for (const other of this.members.values()) {
      if (other === member || other.instanceId !== member.instanceId) continue;
      this.target.byMember.set(member.id, this.target.of(other.id));
      targets.add(member.id);
      this.#forget(other);
      touched.set(other.id, null);
      return true;
    }
    return false;
  }

  /** Whether somebody else still has a partition. */
  heldByOthers(member: ConsumerMember): (topicId: string, partition: number) => boolean {
    const others = [...this.members.values()].filter((other) => other !== member);
    return (topicId, partition) => others.some(({ held }) => has(held, topicId, partition));
  }

  #step(member: ConsumerMember, owned: Partitions | null): boolean {
    const step = nextStep(member, owned, {
      epoch: this.target.epoch,
      partitions: this.target.of(member.id),
      isHeldByOther: this.heldByOthers(member),
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
      this.target.epoch = this.epoch;
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
    this.target.forget(member.id);
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
    for (const member of members) this.members.set(member.id, member);
    this.epoch = epoch;
    this.target.adopt(this.members, epoch);
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
