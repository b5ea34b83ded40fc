import type { KafkaErrorName } from '../../protocol/index.ts';
import { acceptedJoin, type JoinAnswer, refusedJoin, refusedSync, type SyncAnswer } from './group-answers.ts';
import { Member } from './group-member.ts';
import { type JoinRequest, newMemberId, type SyncRequest } from './group-requests.ts';
import { GroupRounds } from './group-rounds.ts';

/**
 * One group under the classic protocol: the rules of kafka.coordinator.group.GroupCoordinator, one method per request. What
 * has to wait is a promise whose resolver the member keeps.
 */
export class Group extends GroupRounds {
  /** Answers at once, or when the rebalance that it belongs to is complete. */
  join(request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    const { memberId, groupInstanceId } = request;
    if (!this.#acceptsProtocols(request)) return refusedJoin('INCONSISTENT_GROUP_PROTOCOL', memberId);
    const isKnown = this.members.has(memberId) || this.pending.has(memberId);
    if (!isKnown && this.members.size >= this.options.maxSize()) {
      return refusedJoin('GROUP_MAX_SIZE_REACHED', memberId);
    }
    if (groupInstanceId !== null) {
      const holder = this.members.byInstance(groupInstanceId);
      if (holder && memberId === '') return this.#replaceStatic(holder, request);
      if (holder && holder.id !== memberId) return refusedJoin('FENCED_INSTANCE_ID', memberId);
    }
    if (memberId === '') return this.#joinNew(request);
    if (this.pending.take(memberId)) return this.#add(memberId, request);
    const member = this.members.get(memberId);
    return member ? this.#rejoin(member, request) : refusedJoin('UNKNOWN_MEMBER_ID', memberId);
  }

  #joinNew(request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    const id = newMemberId(request);
    if (!request.requireKnownId || request.groupInstanceId !== null) return this.#add(id, request);
    this.pending.add(id, request.sessionTimeoutMs, () => {
      if (!this.timer.isInitial) this.completeWhenAllJoined();
    });
    return refusedJoin('MEMBER_ID_REQUIRED', id);
  }

  #acceptsProtocols({ protocolType, protocols }: JoinRequest): boolean {
    if (protocolType === '' || protocols.length === 0) return false;
    if (this.members.size === 0) return true;
    return this.protocolType === protocolType && this.members.haveInCommon(protocols);
  }

  #add(id: string, request: JoinRequest): Promise<JoinAnswer> {
    const member = new Member(id, request);
    this.members.set(id, member);
    this.protocolType = request.protocolType;
    this.leaderId ??= id;
    this.timer.noteMore();
    return this.#waitForAll(member);
  }

  /** The member has joined; the answer comes when all others have. */
  #waitForAll(member: Member): Promise<JoinAnswer> {
    const { promise, resolve } = Promise.withResolvers<JoinAnswer>();
    // Asked again, over another connection: the first question has nobody to answer to any more.
    member.answerJoin(refusedJoin('UNKNOWN_MEMBER_ID', member.id));
    member.join = resolve;
    this.touchMember(member);
    this.rebalance();
    return promise;
  }

  #rejoin(member: Member, request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    const isUnchanged = member.hasProtocols(request.protocols);
    // A retry of a join whose answer got lost, or a member that does not need to move.
    const isRetry = this.state === 'CompletingRebalance' && isUnchanged;
    const isSettled = this.state === 'Stable' && isUnchanged && member.id !== this.leaderId;
    if (isRetry || isSettled) {
      this.touchMember(member);
      return acceptedJoin(this, member);
    }
    member.update(request);
    return this.#waitForAll(member);
  }

  /** KIP-345: a restarted static member takes its old place, without a rebalance when nothing else changes. */
  #replaceStatic(old: Member, request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    const id = newMemberId(request);
    old.refuse('FENCED_INSTANCE_ID');
    old.endSession();
    const member = new Member(id, request);
    member.assignment = old.assignment;
    this.members.replace(old, member);
    const wasLeader = this.leaderId === old.id;
    if (wasLeader) this.leaderId = id;
    if (this.state === 'Stable' && this.members.electProtocol() === this.protocolName) {
      this.touchMember(member);
      this.options.onChanged();
      // Nobody assigns again; clients that could not be told so must not even know that they lead.
      if (request.canSkipAssignment) return { ...acceptedJoin(this, member), skipAssignment: wasLeader };
      return { ...acceptedJoin(this, member), leader: wasLeader ? old.id : this.leaderId!, members: [] };
    }
    return this.#waitForAll(member);
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
    this.touchMember(member);
    if (this.state === 'PreparingRebalance') return refusedSync('REBALANCE_IN_PROGRESS');
    if (this.state === 'Stable') return this.assigned(member);
    const { promise, resolve } = Promise.withResolvers<SyncAnswer>();
    member.answerSync(refusedSync('REBALANCE_IN_PROGRESS'));
    member.sync = resolve;
    if (memberId === this.leaderId) this.assign(assignments);
    return promise;
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
    const problem = this.members.problemOf(memberId, groupInstanceId);
    if (problem) return problem;
    return generationId === this.generationId ? null : 'ILLEGAL_GENERATION';
  }

  touch(memberId: string): void {
    const member = this.members.get(memberId);
    if (member) this.touchMember(member);
  }

  leave(memberId: string, groupInstanceId: string | null): KafkaErrorName {
    if (this.pending.take(memberId)) {
      this.completeWhenAllJoined();
      return 'NONE';
    }
    const byInstance = this.members.byInstance(groupInstanceId);
    if (byInstance && memberId !== '' && byInstance.id !== memberId) return 'FENCED_INSTANCE_ID';
    const member = byInstance ?? this.members.get(memberId);
    if (!member) return 'UNKNOWN_MEMBER_ID';
    member.refuse('UNKNOWN_MEMBER_ID');
    this.remove(member);
    return 'NONE';
  }
}
