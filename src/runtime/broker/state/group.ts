import type { KafkaErrorName } from '../../protocol/index.ts';
import { type GroupState, transition } from './group-machine.ts';
import { type JoinAnswer, Member, NO_BYTES, type SyncAnswer } from './group-member.ts';
import { electProtocol, isSupportedByAll } from './group-protocols.ts';
import {
  acceptedJoin,
  type JoinRequest,
  newMemberId,
  refusedJoin,
  refusedSync,
  type SyncRequest,
} from './group-requests.ts';

export interface GroupOptions {
  id: string;
  /** How long a new group waits for more members, ms (KIP-134). */
  initialDelayMs(): number;
  maxSize(): number;
  /** The group has a new generation, a new assignment or no members: keep it. */
  onChanged(group: Group): void;
  now(): number;
}

/**
 * One group under the classic protocol: the rules of kafka.coordinator.group.GroupCoordinator, one method per event. What
 * has to wait is a promise whose resolver the member keeps.
 */
export class Group {
  readonly id: string;
  readonly #options: GroupOptions;
  state: GroupState = 'Empty';
  protocolType: string | null = null;
  protocolName: string | null = null;
  generationId = 0;
  leaderId: string | null = null;
  /** When the state was last entered, ms since the epoch. */
  stateSinceMs: number;
  readonly members = new Map<string, Member>();
  /** Ids given out under KIP-394 whose second join has not come yet. */
  readonly #pending = new Map<string, NodeJS.Timeout>();
  #rebalanceTimer: NodeJS.Timeout | null = null;
  /** Set while a group that was empty waits for more members: how long it may still wait. */
  #initialWaitLeftMs: number | null = null;
  #joinedDuringWait = false;

  constructor(options: GroupOptions) {
    this.id = options.id;
    this.#options = options;
    this.stateSinceMs = options.now();
  }

  #enter(state: GroupState): void {
    this.state = transition(this.state, state);
    this.stateSinceMs = this.#options.now();
  }

  /** Answers at once, or when the rebalance that it belongs to is complete. */
  join(request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    const { memberId, groupInstanceId } = request;
    if (!this.#acceptsProtocols(request)) return refusedJoin('INCONSISTENT_GROUP_PROTOCOL', memberId);
    const isKnown = this.members.has(memberId) || this.#pending.has(memberId);
    if (!isKnown && this.members.size >= this.#options.maxSize()) {
      return refusedJoin('GROUP_MAX_SIZE_REACHED', memberId);
    }
    if (groupInstanceId !== null) {
      const holder = this.#byInstance(groupInstanceId);
      if (holder && memberId === '') return this.#replaceStatic(holder, request);
      if (holder && holder.id !== memberId) return refusedJoin('FENCED_INSTANCE_ID', memberId);
    }
    if (memberId === '') return this.#joinNew(request);
    if (this.#takePending(memberId)) return this.#add(memberId, request);
    const member = this.members.get(memberId);
    return member ? this.#rejoin(member, request) : refusedJoin('UNKNOWN_MEMBER_ID', memberId);
  }

  #joinNew(request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    const id = newMemberId(request);
    if (!request.requireKnownId || request.groupInstanceId !== null) return this.#add(id, request);
    this.#pending.set(id, setTimeout(() => this.#forgetPending(id), request.sessionTimeoutMs).unref());
    return refusedJoin('MEMBER_ID_REQUIRED', id);
  }

  #acceptsProtocols({ protocolType, protocols }: JoinRequest): boolean {
    if (protocolType === '' || protocols.length === 0) return false;
    if (this.members.size === 0) return true;
    return (
      this.protocolType === protocolType && protocols.some(({ name }) => isSupportedByAll(this.members, name))
    );
  }

  #byInstance(groupInstanceId: string): Member | undefined {
    return [...this.members.values()].find((member) => member.groupInstanceId === groupInstanceId);
  }

  #add(id: string, request: JoinRequest): Promise<JoinAnswer> {
    const member = new Member(id, request);
    this.members.set(id, member);
    this.protocolType = request.protocolType;
    this.leaderId ??= id;
    this.#joinedDuringWait = true;
    return this.#waitForAll(member);
  }

  /** The member has joined; the answer comes when all others have. */
  #waitForAll(member: Member): Promise<JoinAnswer> {
    const { promise, resolve } = Promise.withResolvers<JoinAnswer>();
    // Asked again, over another connection: the first question has nobody to answer to any more.
    member.join?.(refusedJoin('UNKNOWN_MEMBER_ID', member.id));
    member.join = resolve;
    this.#touch(member);
    this.#rebalance();
    return promise;
  }

  #rejoin(member: Member, request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    const isUnchanged = member.hasProtocols(request.protocols);
    // A retry of a join whose answer got lost, or a member that does not need to move.
    const isRetry = this.state === 'CompletingRebalance' && isUnchanged;
    const isSettled = this.state === 'Stable' && isUnchanged && member.id !== this.leaderId;
    if (isRetry || isSettled) {
      this.#touch(member);
      return this.#joined(member);
    }
    member.update(request);
    return this.#waitForAll(member);
  }

  /** KIP-345: a restarted static member takes its old place, without a rebalance when nothing else changes. */
  #replaceStatic(old: Member, request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    const id = newMemberId(request);
    old.join?.(refusedJoin('FENCED_INSTANCE_ID', old.id));
    old.sync?.(refusedSync('FENCED_INSTANCE_ID'));
    old.endSession();
    const member = new Member(id, request);
    member.assignment = old.assignment;
    // In the place of the old one, so that the order of members stays.
    const all = [...this.members.values()].map((each) => (each === old ? member : each));
    this.members.clear();
    for (const each of all) this.members.set(each.id, each);
    const wasLeader = this.leaderId === old.id;
    if (wasLeader) this.leaderId = id;
    if (this.state === 'Stable' && electProtocol(this.members) === this.protocolName) {
      this.#touch(member);
      this.#options.onChanged(this);
      // Nobody assigns again; clients that could not be told so must not even know that they lead.
      if (request.canSkipAssignment) return { ...this.#joined(member), skipAssignment: wasLeader };
      return { ...this.#joined(member), leader: wasLeader ? old.id : this.leaderId!, members: [] };
    }
    return this.#waitForAll(member);
  }

  #rebalance(): void {
    if (this.state !== 'PreparingRebalance') this.#prepareRebalance();
    if (this.#initialWaitLeftMs === null) this.#completeWhenAllJoined();
  }

  #prepareRebalance(): void {
    const wasEmpty = this.state === 'Empty';
    if (this.state === 'CompletingRebalance') {
      for (const member of this.members.values()) {
        member.assignment = NO_BYTES;
        member.sync?.(refusedSync('REBALANCE_IN_PROGRESS'));
        member.sync = null;
      }
    }
    this.#enter('PreparingRebalance');
    const delayMs = this.#options.initialDelayMs();
    if (!wasEmpty || delayMs === 0) {
      this.#startTimer(this.#rebalanceTimeoutMs, () => this.#completeJoin());
      return;
    }
    this.#initialWaitLeftMs = this.#rebalanceTimeoutMs;
    this.#waitForMore(delayMs);
  }

  #waitForMore(delayMs: number): void {
    this.#joinedDuringWait = false;
    this.#initialWaitLeftMs! -= delayMs;
    this.#startTimer(delayMs, () => {
      if (this.#joinedDuringWait && this.#initialWaitLeftMs! > 0) this.#waitForMore(delayMs);
      else this.#completeJoin();
    });
  }

  get #rebalanceTimeoutMs(): number {
    return Math.max(0, ...[...this.members.values()].map((member) => member.rebalanceTimeoutMs));
  }

  #startTimer(ms: number, then: () => void): void {
    this.#stopTimer();
    this.#rebalanceTimer = setTimeout(then, ms).unref();
  }

  #stopTimer(): void {
    clearTimeout(this.#rebalanceTimer ?? undefined);
    this.#rebalanceTimer = null;
  }

  #completeWhenAllJoined(): void {
    if (this.state !== 'PreparingRebalance' || this.#pending.size > 0) return;
    if ([...this.members.values()].every((member) => member.join !== null)) this.#completeJoin();
  }

  /** Everybody has joined, or the time is up: who has not joined is out, static members stay. */
  #completeJoin(): void {
    this.#stopTimer();
    this.#initialWaitLeftMs = null;
    for (const member of [...this.members.values()]) {
      if (member.join === null && member.groupInstanceId === null) this.#drop(member);
    }
    const joined = [...this.members.values()].filter((member) => member.join !== null);
    if (joined.length > 0) this.#answerJoined(joined);
    else if (this.members.size > 0) this.#startTimer(this.#rebalanceTimeoutMs, () => this.#completeJoin());
    else this.#becomeEmpty();
  }

  #becomeEmpty(): void {
    this.generationId++;
    this.protocolName = null;
    this.leaderId = null;
    this.#enter('Empty');
    this.#options.onChanged(this);
  }

  #answerJoined(joined: readonly Member[]): void {
    this.generationId++;
    if (!joined.some(({ id }) => id === this.leaderId)) this.leaderId = joined[0]!.id;
    this.protocolName = electProtocol(this.members);
    this.#enter('CompletingRebalance');
    for (const member of joined) {
      const { join } = member;
      member.join = null;
      this.#touch(member);
      join!(this.#joined(member));
    }
    this.#startTimer(this.#rebalanceTimeoutMs, () => this.#dropUnsynced());
  }

  #joined(member: Member): JoinAnswer {
    return acceptedJoin(this, member);
  }

  /** Answers at once, or when the leader has brought the assignments. */
  sync(request: SyncRequest): SyncAnswer | Promise<SyncAnswer> {
    const { memberId, groupInstanceId, generationId, protocolType, protocolName, assignments } = request;
    const problem = this.memberProblem(memberId, groupInstanceId, generationId);
    if (problem) return refusedSync(problem);
    const isOther = (given: string | null, own: string | null) => given !== null && given !== own;
    if (isOther(protocolType, this.protocolType) || isOther(protocolName, this.protocolName)) {
      return refusedSync('INCONSISTENT_GROUP_PROTOCOL');
    }
    const member = this.members.get(memberId)!;
    this.#touch(member);
    if (this.state === 'PreparingRebalance') return refusedSync('REBALANCE_IN_PROGRESS');
    if (this.state === 'Stable') return this.#assigned(member);
    const { promise, resolve } = Promise.withResolvers<SyncAnswer>();
    member.sync?.(refusedSync('REBALANCE_IN_PROGRESS'));
    member.sync = resolve;
    if (memberId === this.leaderId) this.#assign(assignments);
    return promise;
  }

  #assign(assignments: SyncRequest['assignments']): void {
    this.#stopTimer();
    const byMember = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]));
    for (const member of this.members.values())
      member.assignment = Buffer.from(byMember.get(member.id) ?? NO_BYTES);
    this.#enter('Stable');
    this.#options.onChanged(this);
    for (const member of this.members.values()) {
      const { sync } = member;
      member.sync = null;
      if (!sync) continue;
      this.#touch(member);
      sync(this.#assigned(member));
    }
  }

  #assigned({ assignment }: Member): SyncAnswer {
    return { error: 'NONE', protocolType: this.protocolType, protocolName: this.protocolName, assignment };
  }

  /** The leader, or others, did not come back for their assignment in time. */
  #dropUnsynced(): void {
    if (this.state !== 'CompletingRebalance') return;
    for (const member of [...this.members.values()]) if (!member.sync) this.#drop(member);
    this.#rebalance();
  }

  heartbeat(memberId: string, groupInstanceId: string | null, generationId: number): KafkaErrorName {
    const problem = this.memberProblem(memberId, groupInstanceId, generationId);
    if (problem) return problem;
    this.touch(memberId);
    return this.state === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : 'NONE';
  }

  /** Why a request of a member cannot be accepted; null when it can. */
  memberProblem(
    memberId: string,
    groupInstanceId: string | null,
    generationId: number,
  ): KafkaErrorName | null {
    if (groupInstanceId !== null) {
      const holder = this.#byInstance(groupInstanceId);
      if (holder && holder.id !== memberId) return 'FENCED_INSTANCE_ID';
    }
    if (!this.members.has(memberId)) return 'UNKNOWN_MEMBER_ID';
    return generationId === this.generationId ? null : 'ILLEGAL_GENERATION';
  }

  touch(memberId: string): void {
    const member = this.members.get(memberId);
    if (member) this.#touch(member);
  }

  #touch(member: Member): void {
    member.touch(() => this.#remove(member));
  }

  leave(memberId: string, groupInstanceId: string | null): KafkaErrorName {
    if (this.#takePending(memberId)) {
      this.#completeWhenAllJoined();
      return 'NONE';
    }
    const byInstance = groupInstanceId === null ? undefined : this.#byInstance(groupInstanceId);
    if (byInstance && memberId !== '' && byInstance.id !== memberId) return 'FENCED_INSTANCE_ID';
    const member = byInstance ?? this.members.get(memberId);
    if (!member) return 'UNKNOWN_MEMBER_ID';
    member.join?.(refusedJoin('UNKNOWN_MEMBER_ID', member.id));
    member.sync?.(refusedSync('UNKNOWN_MEMBER_ID'));
    this.#remove(member);
    return 'NONE';
  }

  #remove(member: Member): void {
    if (!this.members.has(member.id)) return;
    this.#drop(member);
    this.#rebalance();
  }

  #drop(member: Member): void {
    member.endSession();
    this.members.delete(member.id);
    if (this.leaderId === member.id) this.leaderId = this.members.keys().next().value ?? null;
  }

  #takePending(memberId: string): boolean {
    clearTimeout(this.#pending.get(memberId));
    return this.#pending.delete(memberId);
  }

  #forgetPending(memberId: string): void {
    this.#pending.delete(memberId);
    if (this.#initialWaitLeftMs === null) this.#completeWhenAllJoined();
  }

  get isUnused(): boolean {
    return this.state === 'Empty' && this.#pending.size === 0;
  }

  /** A group that lived when the broker stopped: its members go on without a rebalance. */
  restore(members: readonly Member[]): void {
    for (const member of members) {
      this.members.set(member.id, member);
      this.#touch(member);
    }
    if (members.length === 0) return;
    this.state = 'Stable';
  }

  /** Members of a group that was one of the consumer protocol go on here (KIP-848). */
  takeOver(members: ReadonlyMap<string, Member>, generationId: number, mustRebalance: boolean): void {
    this.protocolType = 'consumer';
    this.protocolName = electProtocol(members);
    this.generationId = generationId;
    this.leaderId = members.keys().next().value ?? null;
    this.restore([...members.values()]);
    if (mustRebalance) this.#rebalance();
  }

  /** Deleted, gone over to the other protocol, or the broker stops: whoever waits is told so. */
  close(why: KafkaErrorName = 'NOT_COORDINATOR'): void {
    this.#stopTimer();
    for (const id of [...this.#pending.keys()]) this.#takePending(id);
    for (const member of this.members.values()) {
      member.endSession();
      member.join?.(refusedJoin(why, member.id));
      member.sync?.(refusedSync(why));
    }
    this.members.clear();
    if (this.state !== 'Dead') this.#enter('Dead');
  }
}
