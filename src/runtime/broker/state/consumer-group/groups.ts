import { randomUUID } from 'node:crypto';
import type { KafkaErrorName } from '../../../protocol/index.ts';
import { expression } from '../expression.ts';
import { assignors } from './assignors.ts';
import { ConsumerGroup, type ConsumerGroupOptions, type GroupChanges } from './group.ts';
import { type HeartbeatAnswer, refused } from './heartbeat-answer.ts';
import { type ConsumerMember, type Heartbeat, LEAVE_EPOCH, LEAVE_FOR_NOW_EPOCH } from './member.ts';
import { applyRecord, deletedRecords, goneRecords, groupRecords, type StoredRecord } from './records.ts';

export interface ConsumerGroupsOptions extends Omit<ConsumerGroupOptions, 'id' | 'onChanged'> {
  /** False when the disk does not take it. */
  save(records: readonly StoredRecord[]): boolean;
}

/** All groups under the consumer protocol (KIP-848). */
export class ConsumerGroups {
  readonly #options: ConsumerGroupsOptions;
  readonly #groups = new Map<string, ConsumerGroup>();
  /** What the disk did not take, by group. */
  readonly #unsaved = new Map<string, GroupChanges>();

  constructor(options: ConsumerGroupsOptions) {
    this.#options = options;
  }

  get(id: string): ConsumerGroup | undefined {
    return this.#groups.get(id);
  }

  all(): ConsumerGroup[] {
    return [...this.#groups.values()];
  }

  /** Takes a stored record in; false when it is none of these groups. */
  apply(record: StoredRecord): boolean {
    return applyRecord(
      record,
      (id) => this.#groups.get(id) ?? this.#create(id),
      (id) => this.#groups.delete(id),
    );
  }

  /** After the last stored record. */
  loaded(): void {
    for (const group of this.#groups.values()) group.restore();
  }

  /** `makeRoom` is asked once the request is sound: why a group of the classic protocol does not give way, or null. */
  heartbeat(groupId: string, heartbeat: Heartbeat, makeRoom: () => KafkaErrorName | null): HeartbeatAnswer {
    const { memberEpoch, instanceId } = heartbeat;
    // Version 0 lets the coordinator name a new member.
    const memberId = heartbeat.memberId || randomUUID();
    const problem = requestProblem(groupId, heartbeat);
    if (problem) return problem;
    const inTheWay = makeRoom();
    const known = this.#groups.get(groupId);
    const error = inTheWay ?? (!known && memberEpoch !== 0 ? 'GROUP_ID_NOT_FOUND' : null);
    if (error) return refused(error, `Group ${groupId} is not a consumer group, and cannot become one.`);
    const group = known ?? this.#create(groupId);
    return memberEpoch === LEAVE_EPOCH || memberEpoch === LEAVE_FOR_NOW_EPOCH
      ? group.leave(memberId, instanceId, memberEpoch)
      : group.heartbeat({ ...heartbeat, memberId });
  }

  #create(id: string): ConsumerGroup {
    const group = new ConsumerGroup({
      ...this.#options,
      id,
      onChanged: (...changed) => this.#save(...changed),
    });
    this.#groups.set(id, group);
    return group;
  }

  /** A group lives on while it cannot be saved: only a crash before that would make its members join anew. */
  #save(group: ConsumerGroup, { members, targets }: GroupChanges): void {
    const before = this.#unsaved.get(group.id);
    const all: GroupChanges = before
      ? {
          members: new Map([...before.members, ...members]),
          targets: new Set([...before.targets, ...targets]),
        }
      : { members, targets };
    if (this.#options.save(groupRecords(group, all))) this.#unsaved.delete(group.id);
    else this.#unsaved.set(group.id, all);
  }

  saveUnsaved(): void {
    for (const [id, changes] of [...this.#unsaved]) {
      const group = this.#groups.get(id);
      if (group) this.#save(group, changes);
      else this.#unsaved.delete(id);
    }
  }

  /** A group of the classic protocol comes over. False when the disk does not take it; then there is none. */
  adopt(id: string, epoch: number, members: readonly ConsumerMember[], classic: StoredRecord): boolean {
    const group = this.#create(id);
    group.takeOver(members, epoch);
    const all = { members: group.members, targets: new Set(group.members.keys()) };
    if (!this.#options.save([classic, ...groupRecords(group, all)])) {
      this.#groups.delete(id);
      return false;
    }
    group.restore();
    return true;
  }

  /** The way back: the group is none of these any more. What takes it away on disk, for the caller to store. */
  release(group: ConsumerGroup, goneId: string | undefined): StoredRecord[] {
    const unsaved = this.#unsaved.get(group.id)?.members.keys() ?? [];
    const ids = new Set([...group.members.keys(), ...unsaved, ...(goneId === undefined ? [] : [goneId])]);
    this.#groups.delete(group.id);
    this.#unsaved.delete(group.id);
    group.close();
    return [...[...ids].flatMap((id) => goneRecords(group.id, id)), ...deletedRecords(group.id)];
  }

  /** False when the disk does not take it; then the group stays. */
  forget(group: ConsumerGroup): boolean {
    if (!this.#options.save(deletedRecords(group.id))) return false;
    this.#groups.delete(group.id);
    this.#unsaved.delete(group.id);
    group.close();
    return true;
  }

  close(): void {
    for (const group of this.#groups.values()) group.close();
  }
}

function requestProblem(groupId: string, heartbeat: Heartbeat): HeartbeatAnswer | null {
  const invalid = (message: string) => refused('INVALID_REQUEST', message);
  const { memberId, memberEpoch, instanceId, rebalanceTimeoutMs, owned } = heartbeat;
  const { subscribedTopicNames: names, subscribedTopicRegex: regex, serverAssignor } = heartbeat;
  if (groupId.trim() === '') return invalid("GroupId can't be empty.");
  if (memberId === '' && memberEpoch !== 0) return invalid("MemberId can't be empty.");
  if (instanceId === '') return invalid("InstanceId can't be empty.");
  if (memberEpoch < LEAVE_FOR_NOW_EPOCH) return invalid('MemberEpoch is invalid.');
  if (memberEpoch === LEAVE_FOR_NOW_EPOCH && instanceId === null) return invalid("InstanceId can't be null.");
  if (memberEpoch === 0) {
    if (rebalanceTimeoutMs < 0) return invalid('RebalanceTimeoutMs must be provided in first request.');
    if (owned === null || owned.size > 0) return invalid('TopicPartitions must be empty when (re-)joining.');
    if (names === null && regex === null)
      return invalid('Either SubscribedTopicNames or SubscribedTopicRegex must be set in first request.');
  }
  if (serverAssignor !== null && !(serverAssignor in assignors)) {
    const known = Object.keys(assignors).join(', ');
    return refused(
      'UNSUPPORTED_ASSIGNOR',
      `ServerAssignor ${serverAssignor} is not supported. Supported assignors: ${known}.`,
    );
  }
  if (regex) return regexProblem(regex);
  return null;
}

function regexProblem(regex: string): HeartbeatAnswer | null {
  try {
    expression(regex);
    return null;
  } catch (error) {
    return refused(
      'INVALID_REGULAR_EXPRESSION',
      `SubscribedTopicRegex \`${regex}\` is not a valid regular expression: ${error instanceof Error ? error.message : error}.`,
    );
  }
}
