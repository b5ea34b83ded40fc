import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import { CONSUMER_PROTOCOL, type KafkaErrorName } from '../../protocol/index.ts';
import { ClassicGroups } from './classic-groups.ts';
import { commitProblem, transactionalCommitProblem } from './commit-rules.ts';
import { CommittedOffsets, type OffsetToCommit } from './committed-offsets.ts';
import type { Configs } from './configs.ts';
import { heartbeatClassic, joinClassic, syncClassic } from './consumer-group/classic-members.ts';
import { ConsumerGroup } from './consumer-group/group.ts';
import { ConsumerGroups } from './consumer-group/groups.ts';
import type { HeartbeatAnswer } from './consumer-group/heartbeat-answer.ts';
import { type Heartbeat, LEAVE_EPOCH } from './consumer-group/member.ts';
import type { Group } from './group.ts';
import { type JoinAnswer, refusedJoin, refusedSync, type SyncAnswer } from './group-answers.ts';
import type { CommittedOffset, GroupSnapshot } from './group-records.ts';
import type { CommitRequest, JoinRequest, SyncRequest } from './group-requests.ts';
import { GroupStore, type OffsetsProducer } from './group-store.ts';
import { isSubscribed, isWhatItReadsKnown } from './group-subscriptions.ts';
import { GroupTransfers } from './group-transfers.ts';
import { groupConfig } from './resource-config-table.ts';
import type { ResourceConfigs } from './resource-configs.ts';
import type { Topics } from './topics.ts';

const MINUTE_MS = 60_000;

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
  readonly #classic: ClassicGroups;
  readonly #offsets: CommittedOffsets;
  /** Those under the consumer protocol (KIP-848); a name is in one of the two. */
  readonly consumers: ConsumerGroups;
  readonly #transfers: GroupTransfers;
  /** Deletions of offsets that the disk did not take. */
  readonly #unsaved = new Map<string, () => boolean>();

  constructor({ topics, configs, groupConfigs, clock, log }: GroupCoordinatorOptions) {
    this.#topics = topics;
    this.#configs = configs;
    this.#clock = clock;
    this.#log = log;
    this.#store = new GroupStore(topics, clock);
    this.#offsets = new CommittedOffsets({ store: this.#store, topics, configs, clock });
    this.#classic = new ClassicGroups({ store: this.#store, configs, clock });
    const subscribable = () =>
      topics.all().map(({ id, name, partitions }) => ({ id, name, partitions: partitions.length }));
    this.consumers = new ConsumerGroups({
      topics: subscribable,
      topicsRevision: () => topics.revision,
      sessionTimeoutMs: (id) => groupConfig('consumer.session.timeout.ms', groupConfigs.of(id), configs),
      heartbeatIntervalMs: (id) =>
        groupConfig('consumer.heartbeat.interval.ms', groupConfigs.of(id), configs),
      maxSize: () => configs.number('group.max.size'),
      now: () => clock.now(),
      save: (records) => this.#store.append(records) !== null,
      onClassicAlone: (...gone) => this.#transfers.downgrade(...gone),
    });
    const [store, classic, consumers] = [this.#store, this.#classic, this.consumers];
    this.#transfers = new GroupTransfers({ store, classic, consumers, configs, topics: subscribable, log });
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
    for (const [id, snapshot] of snapshots) this.#classic.restore(id, snapshot);
    for (const id of offsets.groups()) this.#makeSure(id);
    const groups = this.all().length + this.consumers.all().length;
    if (groups > 0) this.#log.info({ groups }, 'groups loaded');
  }

  all(): Group[] {
    return this.#classic.all();
  }

  get(id: string): Group | undefined {
    return this.#classic.get(id);
  }

  #find(id: string): Group | ConsumerGroup | undefined {
    return this.#classic.get(id) ?? this.consumers.get(id);
  }

  /** Offsets belong to a group, if to one without members. */
  #makeSure(id: string): void {
    if (!this.#find(id)) this.#classic.create(id);
  }

  /** The disk takes writes again. */
  saveUnsaved(): void {
    for (const [key, save] of this.#unsaved) if (save()) this.#unsaved.delete(key);
    for (const groups of [this.#transfers, this.#classic, this.consumers]) groups.saveUnsaved();
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
    const classic = this.#classic.get(groupId);
    if (memberId !== '' && !classic) return refuse('UNKNOWN_MEMBER_ID');
    if (other && !this.consumers.forget(other)) return refuse('INCONSISTENT_GROUP_PROTOCOL');
    return (classic ?? this.#classic.create(groupId)).join(request);
  }

  sync(groupId: string, request: SyncRequest): SyncAnswer | Promise<SyncAnswer> {
    if (groupId === '') return refusedSync('INVALID_GROUP_ID');
    const consumers = this.consumers.get(groupId);
    if (consumers) return syncClassic(consumers, request);
    return this.#classic.get(groupId)?.sync(request) ?? refusedSync('UNKNOWN_MEMBER_ID');
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
    return this.#classic.get(groupId)?.heartbeat(memberId, instanceId, generationId) ?? 'UNKNOWN_MEMBER_ID';
  }

  /** A heartbeat of the consumer protocol. A group of the other protocol gives way to it, and its members come over. */
  consumerHeartbeat(groupId: string, heartbeat: Heartbeat): HeartbeatAnswer {
    return this.consumers.heartbeat(groupId, heartbeat, () =>
      this.#transfers.makeRoom(groupId, heartbeat.memberEpoch === 0),
    );
  }

  leave(groupId: string, memberId: string, instanceId: string | null): KafkaErrorName {
    const consumers = this.consumers.get(groupId);
    if (consumers) return consumers.leave(memberId, instanceId, LEAVE_EPOCH).error;
    return this.#classic.get(groupId)?.leave(memberId, instanceId) ?? 'UNKNOWN_MEMBER_ID';
  }

  /** Why nothing of the request may be committed; null when it may. */
  commitProblem(groupId: string, commit: CommitRequest): KafkaErrorName | null {
    return commitProblem(this.#find(groupId), commit);
  }

  transactionalCommitProblem(groupId: string, commit: CommitRequest): KafkaErrorName | null {
    if (groupId === '') return 'INVALID_GROUP_ID';
    return transactionalCommitProblem(this.#find(groupId), commit);
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
    if (answers.includes('NONE')) this.#makeSure(groupId);
    return answers;
  }

  /** The markers are written: what the producer committed in its transaction counts, or never did. */
  endTransaction(producerId: number, isCommit: boolean): void {
    for (const group of this.#offsets.endTransaction(producerId, isCommit)) this.#makeSure(group);
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
    const group = this.#find(groupId);
    if (!group) return 'GROUP_ID_NOT_FOUND';
    if (!group.isUnused) return 'NON_EMPTY_GROUP';
    const places = this.#offsets.places(({ group: of }) => of === groupId);
    if (!this.#offsets.delete(groupId, places)) return 'NOT_COORDINATOR';
    return this.#forget(group) ? 'NONE' : 'NOT_COORDINATOR';
  }

  /** False when the disk does not take it; then the group stays. */
  #forget(group: Group | ConsumerGroup): boolean {
    const isGone =
      group instanceof ConsumerGroup ? this.consumers.forget(group) : this.#classic.forget(group);
    if (isGone) this.#offsets.forget(group.id);
    return isGone;
  }

  /** Why no offset of the group may be deleted at all; null when it depends on the topic. */
  offsetDeleteProblem(groupId: string): KafkaErrorName | null {
    if (groupId === '') return 'INVALID_GROUP_ID';
    const group = this.#find(groupId);
    if (!group) return 'GROUP_ID_NOT_FOUND';
    return group.state === 'Empty' || group.protocolType === CONSUMER_PROTOCOL ? null : 'NON_EMPTY_GROUP';
  }

  deleteOffset(groupId: string, topic: string, partition: number): KafkaErrorName {
    if (!this.#topics.partition(topic, partition)) return 'UNKNOWN_TOPIC_OR_PARTITION';
    const group = this.#find(groupId);
    if (group && isSubscribed(group, topic)) return 'GROUP_SUBSCRIBED_TO_TOPIC';
    if (!this.committed(groupId, topic, partition) && !this.isUnstable(groupId, topic, partition))
      return 'NONE';
    return this.#offsets.delete(groupId, [{ topic, partition }]) ? 'NONE' : 'NOT_COORDINATOR';
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
        ({ topic, partition }) => !this.isUnstable(group.id, topic, partition) && !isSubscribed(group, topic),
      );
      if (!this.#offsets.delete(group.id, expired)) return;
      const isBare = (!offsets || offsets.isEmpty) && !this.#offsets.hasPending(group.id);
      if (isBare && group.isUnused) this.#forget(group);
    }
  }

  close(): void {
    for (const groups of [this.#classic, this.consumers]) groups.close();
  }
}
