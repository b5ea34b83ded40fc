import { type AssignorMember, assignors, preferredAssignor } from './assignors.ts';
import type { ConsumerMember } from './member.ts';
import { equals, NO_PARTITIONS, type Partitions } from './partitions.ts';
import { type ResolvedSubscriptions, resolveSubscriptions, type SubscribableTopic } from './subscriptions.ts';

type Members = ReadonlyMap<string, ConsumerMember>;

export interface SubscribableTopics {
  topics(): Iterable<SubscribableTopic>;
  /** Another number whenever `topics` gives something else. */
  topicsRevision(): number;
}

/** What each member of a group is to have, and what that was made from. */
export class TargetAssignment {
  readonly #topics: SubscribableTopics;
  /** The epoch of the group that it was made in. */
  epoch = 0;
  assignor = '';
  readonly byMember = new Map<string, Partitions>();
  /** The topics that it was made from, with their partitions. */
  #topicsSeen = '';
  /** Null when members or what they are subscribed to have changed. */
  #subscriptions: (ResolvedSubscriptions & { revision: number }) | null = null;

  constructor(topics: SubscribableTopics) {
    this.#topics = topics;
  }

  of(memberId: string): Partitions {
    return this.byMember.get(memberId) ?? NO_PARTITIONS;
  }

  /** Members, or what they are subscribed to, have changed. */
  subscriptionsChanged(): void {
    this.#subscriptions = null;
  }

  forget(memberId: string): void {
    this.byMember.delete(memberId);
    this.subscriptionsChanged();
  }

  /** Every heartbeat asks; most find nothing new. */
  #resolve(members: Members): ResolvedSubscriptions {
    const revision = this.#topics.topicsRevision();
    if (this.#subscriptions?.revision !== revision)
      this.#subscriptions = { ...resolveSubscriptions(members, this.#topics.topics()), revision };
    return this.#subscriptions;
  }

  /** Whether the topics that members are subscribed to are not those that it was made from. */
  isOld(members: Members): boolean {
    return this.#resolve(members).signature !== this.#topicsSeen;
  }

  /** Made anew for the epoch; the members that are to have something else are added to `different`. */
  shareOut(members: Members, epoch: number, different: Set<string>): void {
    const { byMember, partitionCounts, signature } = this.#resolve(members);
    const all = [...members.values()];
    const asking = all.map(
      ({ id, instanceId }): AssignorMember => ({
        ...{ order: instanceId ?? id, memberId: id, topics: byMember.get(id)!, target: this.of(id) },
      }),
    );
    this.assignor = preferredAssignor(all.map(({ serverAssignor }) => serverAssignor));
    for (const [memberId, partitions] of assignors[this.assignor]!(asking, partitionCounts)) {
      const before = this.byMember.get(memberId);
      if (!before || !equals(before, partitions)) different.add(memberId);
      this.byMember.set(memberId, partitions);
    }
    this.epoch = epoch;
    this.#topicsSeen = signature;
  }

  /** What the members have is what they are to have. */
  adopt(members: Members, epoch: number): void {
    for (const { id, assigned } of members.values()) this.byMember.set(id, assigned);
    this.epoch = epoch;
    this.#topicsSeen = this.#resolve(members).signature;
  }
}
