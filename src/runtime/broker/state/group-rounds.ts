import { CONSUMER_PROTOCOL, type KafkaErrorName } from '../../protocol/index.ts';
import { acceptedJoin, NO_BYTES, refusedSync, type SyncAnswer } from './group-answers.ts';
import { type GroupState, transition } from './group-machine.ts';
import type { Member } from './group-member.ts';
import { GroupMembers } from './group-members.ts';
import type { SyncRequest } from './group-requests.ts';
import { PendingMembers } from './pending-members.ts';
import { RebalanceTimer } from './rebalance-timer.ts';

export interface GroupOptions {
  id: string;
  /** How long a new group waits for more members, ms (KIP-134). */
  initialDelayMs(): number;
  maxSize(): number;
  /** The group has a new generation, a new assignment or no members: keep it. */
  onChanged(): void;
  now(): number;
}

/** A group under the classic protocol as it goes from one generation of members to the next. */
export class GroupRounds {
  readonly id: string;
  protected readonly options: GroupOptions;
  state: GroupState = 'Empty';
  protocolType: string | null = null;
  protocolName: string | null = null;
  generationId = 0;
  leaderId: string | null = null;
  /** When the state was last entered, ms since the epoch. */
  stateSinceMs: number;
  readonly members = new GroupMembers();
  protected readonly pending = new PendingMembers();
  protected readonly timer = new RebalanceTimer();

  constructor(options: GroupOptions) {
    this.id = options.id;
    this.options = options;
    this.stateSinceMs = options.now();
  }

  #enter(state: GroupState): void {
    this.state = transition(this.state, state);
    this.stateSinceMs = this.options.now();
  }

  protected rebalance(): void {
    if (this.state !== 'PreparingRebalance') this.#prepareRebalance();
    if (!this.timer.isInitial) this.completeWhenAllJoined();
  }

  #prepareRebalance(): void {
    const wasEmpty = this.state === 'Empty';
    if (this.state === 'CompletingRebalance') {
      for (const member of this.members.values()) {
        member.assignment = NO_BYTES;
        member.answerSync(refusedSync('REBALANCE_IN_PROGRESS'));
      }
    }
    this.#enter('PreparingRebalance');
    const delayMs = this.options.initialDelayMs();
    const { rebalanceTimeoutMs } = this.members;
    const complete = () => this.#completeJoin();
    if (wasEmpty && delayMs > 0) this.timer.startInitial(delayMs, rebalanceTimeoutMs, complete);
    else this.timer.start(rebalanceTimeoutMs, complete);
  }

  protected completeWhenAllJoined(): void {
    if (this.state !== 'PreparingRebalance' || !this.pending.isEmpty) return;
    if (this.members.haveAllJoined) this.#completeJoin();
  }

  /** Everybody has joined, or the time is up: who has not joined is out, static members stay. */
  #completeJoin(): void {
    this.timer.stop();
    for (const member of [...this.members.values()]) {
      if (member.join === null && member.groupInstanceId === null) this.#drop(member);
    }
    const joined = [...this.members.values()].filter((member) => member.join !== null);
    if (joined.length > 0) this.#answerJoined(joined);
    else if (this.members.size > 0)
      this.timer.start(this.members.rebalanceTimeoutMs, () => this.#completeJoin());
    else this.#becomeEmpty();
  }

  #becomeEmpty(): void {
    this.generationId++;
    this.protocolName = null;
    this.leaderId = null;
    this.#enter('Empty');
    this.options.onChanged();
  }

  #answerJoined(joined: readonly Member[]): void {
    this.generationId++;
    if (!joined.some(({ id }) => id === this.leaderId)) this.leaderId = joined[0]!.id;
    this.protocolName = this.members.electProtocol();
    this.#enter('CompletingRebalance');
    for (const member of joined) {
      const { join } = member;
      member.join = null;
      this.touchMember(member);
      join!(acceptedJoin(this, member));
    }
    this.timer.start(this.members.rebalanceTimeoutMs, () => this.#dropUnsynced());
  }

  protected assign(assignments: SyncRequest['assignments']): void {
    this.timer.stop();
    const byMember = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]));
    for (const member of this.members.values())
      member.assignment = Buffer.from(byMember.get(member.id) ?? NO_BYTES);
    this.#enter('Stable');
    this.options.onChanged();
    for (const member of this.members.values()) {
      const { sync } = member;
      member.sync = null;
      if (!sync) continue;
      this.touchMember(member);
      sync(this.assigned(member));
    }
  }

  protected assigned({ assignment }: Member): SyncAnswer {
    return { error: 'NONE', protocolType: this.protocolType, protocolName: this.protocolName, assignment };
  }

  /** The leader, or others, did not come back for their assignment in time. */
  #dropUnsynced(): void {
    if (this.state !== 'CompletingRebalance') return;
    for (const member of [...this.members.values()]) if (!member.sync) this.#drop(member);
    this.rebalance();
  }

  protected touchMember(member: Member): void {
    member.touch(() => this.remove(member));
  }

  protected remove(member: Member): void {
    if (!this.members.has(member.id)) return;
    this.#drop(member);
    this.rebalance();
  }

  #drop(member: Member): void {
    member.endSession();
    this.members.delete(member.id);
    if (this.leaderId === member.id) this.leaderId = this.members.keys().next().value ?? null;
  }

  get isUnused(): boolean {
    return this.state === 'Empty' && this.pending.isEmpty;
  }

  /** A group that lived when the broker stopped: its members go on without a rebalance. */
  restore(members: readonly Member[]): void {
    for (const member of members) {
      this.members.set(member.id, member);
      this.touchMember(member);
    }
    if (members.length === 0) return;
    this.state = 'Stable';
  }

  /** Members of a group that was one of the consumer protocol go on here (KIP-848). */
  takeOver(members: GroupMembers, generationId: number, mustRebalance: boolean): void {
    this.protocolType = CONSUMER_PROTOCOL;
    this.protocolName = members.electProtocol();
    this.generationId = generationId;
    this.leaderId = members.keys().next().value ?? null;
    this.restore([...members.values()]);
    if (mustRebalance) this.rebalance();
  }

  /** Deleted, gone over to the other protocol, or the broker stops: whoever waits is told so. */
  close(why: KafkaErrorName = 'NOT_COORDINATOR'): void {
    this.timer.stop();
    this.pending.clear();
    for (const member of this.members.values()) {
      member.endSession();
      member.refuse(why);
    }
    this.members.clear();
    if (this.state !== 'Dead') this.#enter('Dead');
  }
}
