import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { KafkaErrorName } from '../../protocol/index.ts';
import { CommittedOffsets, type OffsetToCommit } from './committed-offsets.ts';
import type { Configs } from './configs.ts';
import { heartbeatClassic, joinClassic, syncClassic } from './consumer-group/classic-members.ts';
import { ConsumerGroup, type HeartbeatAnswer } from './consumer-group/group.ts';
import { ConsumerGroups } from './consumer-group/groups.ts';
import { type Heartbeat, LEAVE_EPOCH } from './consumer-group/member.ts';
import type { SubscribableTopic } from './consumer-group/subscriptions.ts';
import { Group } from './group.ts';
import { toClassicMembers, toConsumerMembers } from './group-conversion.ts';
import type { JoinAnswer, SyncAnswer } from './group-member.ts';
import type { CommittedOffset, GroupSnapshot } from './group-records.ts';
import { type JoinRequest, refusedJoin, refusedSync, type SyncRequest } from './group-requests.ts';
import { GroupStore, type OffsetsProducer } from './group-store.ts';
import { isWhatItReadsKnown, subscriptionsOf } from './group-subscriptions.ts';
import type { ResourceConfigs } from './resource-configs.ts';
import type { Topics } from './topics.ts';

const MINUTE_MS = 60_000;

export interface CommitRequest {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
  /** -1: the broker's. */
  readonly retentionTimeMs: number;
}

export interface GroupCoordinatorOptions {
  topics: Topics;
  configs: Configs;
  groupConfigs: ResourceConfigs;
  clock: Clock;
  log: Logger;
}

/**
 * All groups of the broker, their offsets, and what of them survives a restart. One with an empty name has no members, but
 * offsets: clients of old commit such.
 */
export class GroupCoordinator {
  readonly #topics: Topics;
  readonly #configs: Configs;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #store: GroupStore;
  readonly #groups = new Map<string, Group>();
  readonly #offsets: CommittedOffsets;
  /** Those under the consumer protocol (KIP-848); a name is in one of the two maps. */
  readonly consumers: ConsumerGroups;

  /** Groups and deletions that the disk did not take; the next attempt takes the state of then. */
  readonly #unsaved = new Map<string, () => boolean>();

  constructor({ topics, configs, groupConfigs, clock, log }: GroupCoordinatorOptions) {
    this.#topics = topics;
    this.#configs = configs;
    this.#clock = clock;
    this.#log = log;
    this.#store = new GroupStore(topics, clock);
    this.#offsets = new CommittedOffsets({ store: this.#store, topics, configs, clock });
    const configOf = (id: string, name: string) =>
      Number(groupConfigs.of(id)[`consumer.${name}`] ?? configs.string(`group.consumer.${name}`));
    this.consumers = new ConsumerGroups({
      topics: () => this.#subscribable(),
      topicsRevision: () => topics.revision,
      sessionTimeoutMs: (id) => configOf(id, 'session.timeout.ms'),
      heartbeatIntervalMs: (id) => configOf(id, 'heartbeat.interval.ms'),
      maxSize: () => configs.number('group.max.size'),
      now: () => clock.now(),
      save: (records) => this.#store.append(records) !== null,
      onClassicAlone: (...downgrade) => this.#downgrade(...downgrade),
    });
  }

  /** Reads back groups and offsets; members that were there are members still, and have a session's time to show up. */
  load(): void {
    const snapshots = new Map<string, GroupSnapshot>();
    const offsets = this.#offsets;
    this.#store.replay({
      onOffset: (group, offset) => offsets.replayed(group, offset),
      onPending: (producerId, group, offset) => offsets.replayedPending(producerId, group, offset),
      onEnd: (producerId, isCommit) => offsets.endTransaction(producerId, isCommit),
      onOther: (record) => this.consumers.apply(record),
      onGroup: (group, snapshot) => (snapshot ? snapshots.set(group, snapshot) : snapshots.delete(group)),
    });
    this.consumers.loaded();
    offsets.loaded();
    for (const [id, { members, ...saved }] of snapshots)
      Object.assign(this.#create(id), saved).restore(members);
    for (const id of offsets.groups()) if (!this.#exists(id)) this.#create(id);
    const groups = this.#groups.size + this.consumers.all().length;
    if (groups > 0) this.#log.info({ groups }, 'groups loaded');
  }

  all(): Group[] {
    return [...this.#groups.values()];
  }

  get(id: string): Group | undefined {
    return this.#groups.get(id);
  }

  #exists(id: string): boolean {
    return this.#groups.has(id) || this.consumers.get(id) !== undefined;
  }

  #create(id: string): Group {
    const group = new Group({
      id,
      initialDelayMs: () => this.#configs.number('group.initial.rebalance.delay.ms'),
      maxSize: () => this.#configs.number('group.max.size'),
      now: () => this.#clock.now(),
      onChanged: (changed) => this.#saveGroup(changed),
    });
    this.#groups.set(id, group);
    return group;
  }

  /** A group lives on while it cannot be saved: only a crash before that would make its members join anew. */
  #saveGroup({ id }: Group): void {
    const save = () => {
      const group = this.#groups.get(id);
      return group === undefined || this.#store.saveGroup(group);
    };
    if (save()) this.#unsaved.delete(id);
    else this.#unsaved.set(id, save);
  }

  /** The disk takes writes again. */
  saveUnsaved(): void {
    for (const [key, save] of this.#unsaved) if (save()) this.#unsaved.delete(key);
    this.consumers.saveUnsaved();
  }

  join(groupId: string, request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    const { memberId, sessionTimeoutMs } = request;
    const refuse = (error: KafkaErrorName) => refusedJoin(error, memberId);
    if (groupId === '') return refuse('INVALID_GROUP_ID');
    const shortest = this.#configs.number('group.min.session.timeout.ms');
    const longest = this.#configs.number('group.max.session.timeout.ms');
    if (sessionTimeoutMs < shortest || sessionTimeoutMs > longest) return refuse('INVALID_SESSION_TIMEOUT');
    const other = this.consumers.get(groupId);
    if (other && !other.isUnused) return joinClassic(other, request);
    if (memberId !== '' && !this.#groups.has(groupId)) return refuse('UNKNOWN_MEMBER_ID');
    if (other && !this.consumers.forget(other)) return refuse('INCONSISTENT_GROUP_PROTOCOL');
    return (this.#groups.get(groupId) ?? this.#create(groupId)).join(request);
  }

  sync(groupId: string, request: SyncRequest): SyncAnswer | Promise<SyncAnswer> {
    if (groupId === '') return refusedSync('INVALID_GROUP_ID');
    const consumers = this.consumers.get(groupId);
    if (consumers) return syncClassic(consumers, request);
    return this.#groups.get(groupId)?.sync(request) ?? refusedSync('UNKNOWN_MEMBER_ID');
  }

  heartbeat(
    groupId: string,
    memberId: string,
    instanceId: string | null,
    generationId: number,
  ): KafkaErrorName {
    if (groupId === '') return 'INVALID_GROUP_ID';
    const consumers = this.consumers.get(groupId);
    if (consumers) return heartbeatClassic(consumers, memberId, instanceId, generationId);
    return this.#groups.get(groupId)?.heartbeat(memberId, instanceId, generationId) ?? 'UNKNOWN_MEMBER_ID';
  }

  /** A heartbeat of the consumer protocol. A group of the other protocol gives way to it, and its members come over. */
  consumerHeartbeat(groupId: string, heartbeat: Heartbeat): HeartbeatAnswer {
    return this.consumers.heartbeat(groupId, heartbeat, () => {
      const classic = this.#groups.get(groupId);
      if (!classic) return null;
      if (heartbeat.memberEpoch !== 0) return 'GROUP_ID_NOT_FOUND';
      return classic.state === 'Empty' ? this.#giveWay(classic) : this.#upgrade(classic);
    });
  }

  #giveWay(classic: Group): KafkaErrorName | null {
    if (!this.#store.deleteGroup(classic.id)) return 'COORDINATOR_NOT_AVAILABLE';
    this.#groups.delete(classic.id);
    classic.close('UNKNOWN_MEMBER_ID');
    return null;
  }

  /** Members of the classic protocol go on in a group of the other one, and are told to join again. */
  #upgrade(classic: Group): KafkaErrorName | null {
    const { id, generationId } = classic;
    if (classic.members.size >= this.#configs.number('group.max.size')) return 'GROUP_MAX_SIZE_REACHED';
    const members = toConsumerMembers(classic, this.#subscribable());
    if (!members) return 'GROUP_ID_NOT_FOUND';
    if (!this.consumers.adopt(id, generationId, members, this.#store.groupTombstone(id)))
      return 'COORDINATOR_NOT_AVAILABLE';
    this.#groups.delete(id);
    classic.close('REBALANCE_IN_PROGRESS');
    this.#log.info({ group: id, members: members.length }, 'group goes over to the consumer protocol');
    return null;
  }

  /** The way back, once only members of the classic protocol are left. */
  #downgrade(consumers: ConsumerGroup, mustRebalance: boolean, goneId?: string): void {
    const { id, epoch } = consumers;
    const members = toClassicMembers(consumers);
    const tombstones = this.consumers.release(consumers, goneId);
    const group = this.#create(id);
    group.takeOver(members, epoch, mustRebalance);
    if (this.#store.append([...tombstones, this.#store.groupRecord(group)]) === null) {
      // Apart: the group may change again, or go, before the disk takes what is left of the other one.
      this.#unsaved.set(`${id}/consumers`, () => this.#store.append(tombstones) !== null);
      this.#saveGroup(group);
    }
    this.#log.info({ group: id, members: members.size }, 'group goes back to the classic protocol');
  }

  #subscribable(): SubscribableTopic[] {
    return this.#topics
      .all()
      .map(({ id, name, partitions }) => ({ id, name, partitions: partitions.length }));
  }

  leave(groupId: string, memberId: string, instanceId: string | null): KafkaErrorName {
    const consumers = this.consumers.get(groupId);
    if (consumers) return consumers.leave(memberId, instanceId, LEAVE_EPOCH).error;
    return this.#groups.get(groupId)?.leave(memberId, instanceId) ?? 'UNKNOWN_MEMBER_ID';
  }

  /** Why nothing of the request may be committed; null when it may. */
  commitProblem(
    groupId: string,
    { memberId, groupInstanceId, generationId }: CommitRequest,
  ): KafkaErrorName | null {
    const consumers = this.consumers.get(groupId);
    if (consumers) return consumers.memberProblem(memberId, generationId);
    const group = this.#groups.get(groupId);
    const isMember = generationId >= 0 || memberId !== '' || groupInstanceId !== null;
    if (!group) return isMember && generationId >= 0 ? 'ILLEGAL_GENERATION' : null;
    // A client that assigns partitions to itself and only keeps offsets here.
    if (generationId < 0 && group.state === 'Empty') return null;
    if (!isMember) return 'UNKNOWN_MEMBER_ID';
    const problem = group.memberProblem(memberId, groupInstanceId, generationId);
    if (problem) return problem;
    group.touch(memberId);
    return group.state === 'CompletingRebalance' ? 'REBALANCE_IN_PROGRESS' : null;
  }

  /** The same within a transaction: who doesn't say what member it is may commit beside the members (KIP-447). */
  transactionalCommitProblem(groupId: string, commit: CommitRequest): KafkaErrorName | null {
    const { memberId, groupInstanceId, generationId } = commit;
    if (groupId === '') return 'INVALID_GROUP_ID';
    const isMember = generationId >= 0 || memberId !== '' || groupInstanceId !== null;
    const consumers = this.consumers.get(groupId);
    if (consumers) return isMember ? consumers.memberProblem(memberId, generationId) : null;
    const group = this.#groups.get(groupId);
    if (!group) return generationId >= 0 ? 'ILLEGAL_GENERATION' : null;
    if (!isMember) return null;
    if (generationId < 0 && group.state === 'Empty') return null;
    return group.memberProblem(memberId, groupInstanceId, generationId);
  }

  /**
   * Commits what can be committed; one answer per offset. The caller has asked for the problem before. With a producer it
   * counts when its transaction is committed.
   */
  commit(
    groupId: string,
    { retentionTimeMs }: CommitRequest,
    wanted: readonly OffsetToCommit[],
    producer: OffsetsProducer | null = null,
  ): KafkaErrorName[] {
    const answers = this.#offsets.commit(groupId, wanted, retentionTimeMs, producer);
    if (answers.includes('NONE') && !this.#exists(groupId)) this.#create(groupId);
    return answers;
  }

  /** The markers are written: what the producer committed in its transaction counts, or never did. */
  endTransaction(producerId: number, isCommit: boolean): void {
    for (const group of this.#offsets.endTransaction(producerId, isCommit))
      if (!this.#exists(group)) this.#create(group);
  }

  /** True while a transaction that is open may change what is committed of the partition. */
  isUnstable(groupId: string, topic: string, partition: number): boolean {
    return this.#offsets.isUnstable(groupId, topic, partition);
  }

  syncOffsets(): Promise<void> {
    return this.#store.sync();
  }

  committed(groupId: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#offsets.of(groupId)?.get(topic, partition);
  }

  /** Why a member may not read the group's offsets; null when it may, and for who is no member. */
  fetchProblem(groupId: string, memberId: string | null, memberEpoch: number): KafkaErrorName | null {
    if (memberId === null && memberEpoch < 0) return null;
    return this.consumers.get(groupId)?.memberProblem(memberId ?? '', memberEpoch) ?? null;
  }

  /** All partitions that the group has an offset of. */
  committedTopics(groupId: string): { topic: string; partitions: number[] }[] {
    return this.#offsets.of(groupId)?.topics() ?? [];
  }

  delete(groupId: string): KafkaErrorName {
    const group = this.#groups.get(groupId) ?? this.consumers.get(groupId);
    if (!group) return 'GROUP_ID_NOT_FOUND';
    if (!group.isUnused) return 'NON_EMPTY_GROUP';
    if (
      !this.#offsets.delete(
        groupId,
        this.#offsets.places(({ group: of }) => of === groupId),
      )
    )
      return 'NOT_COORDINATOR';
    return this.#forget(group) ? 'NONE' : 'NOT_COORDINATOR';
  }

  /** False when the disk does not take it; then the group stays. */
  #forget(group: Group | ConsumerGroup): boolean {
    if (group instanceof ConsumerGroup) {
      if (!this.consumers.forget(group)) return false;
      this.#offsets.forget(group.id);
      return true;
    }
    if (!this.#store.deleteGroup(group.id)) return false;
    this.#groups.delete(group.id);
    this.#offsets.forget(group.id);
    group.close();
    return true;
  }

  /** Why no offset of the group may be deleted at all; null when it depends on the topic. */
  offsetDeleteProblem(groupId: string): KafkaErrorName | null {
    if (groupId === '') return 'INVALID_GROUP_ID';
    const group = this.#groups.get(groupId) ?? this.consumers.get(groupId);
    if (!group) return 'GROUP_ID_NOT_FOUND';
    return group.state === 'Empty' || group.protocolType === 'consumer' ? null : 'NON_EMPTY_GROUP';
  }

  deleteOffset(groupId: string, topic: string, partition: number): KafkaErrorName {
    if (!this.#topics.partition(topic, partition)) return 'UNKNOWN_TOPIC_OR_PARTITION';
    if (this.#isSubscribed(groupId, topic)) return 'GROUP_SUBSCRIBED_TO_TOPIC';
    if (!this.committed(groupId, topic, partition) && !this.isUnstable(groupId, topic, partition))
      return 'NONE';
    return this.#offsets.delete(groupId, [{ topic, partition }]) ? 'NONE' : 'NOT_COORDINATOR';
  }

  #isSubscribed(groupId: string, topic: string): boolean {
    const group = this.#groups.get(groupId);
    if (!group) return this.consumers.get(groupId)?.isSubscribed(topic) ?? false;
    return subscriptionsOf(group).some((topics) => topics?.includes(topic));
  }

  topicDeleted(topic: string): void {
    const places = this.#offsets.places((place) => place.topic === topic);
    for (const [groupId, its] of Map.groupBy(places, ({ group }) => group)) {
      const forget = () => this.#offsets.delete(groupId, its);
      if (!forget()) this.#unsaved.set(`${groupId}/${topic}`, forget);
    }
  }

  /**
   * Forgets offsets that nobody came back for, also those of topics that a group with members reads no more, and groups
   * that have nothing left.
   */
  expire(): void {
    const nowMs = this.#clock.now();
    const retentionMs = this.#configs.number('offsets.retention.minutes') * MINUTE_MS;
    for (const group of [...this.all(), ...this.consumers.all()]) {
      if (!group.isUnused && !isWhatItReadsKnown(group)) continue;
      const emptySinceMs = group.isUnused && group.protocolType !== null ? group.stateSinceMs : null;
      const offsets = this.#offsets.of(group.id);
      const expired = (offsets?.expired(nowMs, retentionMs, emptySinceMs) ?? []).filter(
        ({ topic, partition }) =>
          !this.isUnstable(group.id, topic, partition) && !this.#isSubscribed(group.id, topic),
      );
      if (!this.#offsets.delete(group.id, expired)) return;
      const isBare = (!offsets || offsets.isEmpty) && !this.#offsets.hasPending(group.id);
      if (isBare && group.isUnused) this.#forget(group);
    }
  }

  close(): void {
    for (const group of this.all()) group.close();
    this.consumers.close();
  }
}
