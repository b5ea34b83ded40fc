/**
 * A group of the consumer protocol as records of `__consumer_offsets`, in Kafka's own layout: the version in front of a
 * key is the kind of the record, values are in the flexible encoding.
 */
import {
  type Decoded,
  type Encodable,
  type Fields,
  Reader,
  structCodec,
  fields as t,
  Writer,
} from '../../../protocol/index.ts';
import type { ConsumerGroup, GroupChanges } from './group.ts';
import { ConsumerMember, type MemberState } from './member.ts';
import { listOf, partitionsOf } from './partitions.ts';

const topicPartitions = t.array({ topicId: t.uuid(), partitions: t.array(t.int32()) });

const group = record(3, { epoch: t.int32() });
const member = record(5, {
  instanceId: t.string({ nullable: '0+', default: null }),
  rackId: t.string({ nullable: '0+', default: null }),
  clientId: t.string(),
  clientHost: t.string(),
  subscribedTopicNames: t.array(t.string()),
  subscribedTopicRegex: t.string({ nullable: '0+', default: null }),
  rebalanceTimeoutMs: t.int32(),
  serverAssignor: t.string({ nullable: '0+', default: null }),
  classic: t.struct(
    {
      sessionTimeoutMs: t.int32(),
      protocols: t.array({ name: t.string(), metadata: t.bytes() }),
    },
    { nullable: '0+', default: null, tag: 0 },
  ),
});
const target = record(6, { assignmentEpoch: t.int32() });
const memberTarget = record(7, { topicPartitions });
const current = record(8, {
  memberEpoch: t.int32(),
  previousMemberEpoch: t.int32(),
  state: t.int8(),
  assignedPartitions: topicPartitions,
  partitionsPendingRevocation: topicPartitions,
});

const states: readonly MemberState[] = ['stable', 'unrevoked', 'unreleased'];
/** As in Kafka's MemberState, which begins at 1. */
const stateNumber = (state: MemberState) => states.indexOf(state) + 1;

export type StoredRecord = readonly [key: Buffer, value: Buffer | null];

const ENCODING = { version: 0, flexible: true };

function record<F extends Fields>(kind: number, valueFields: F) {
  const codec = structCodec(valueFields);
  return {
    kind,
    key(groupId: string, memberId?: string): Buffer {
      const writer = new Writer(64);
      writer.int16(kind);
      writer.string(groupId, false);
      if (memberId !== undefined) writer.string(memberId, false);
      return writer.toBuffer();
    },
    value(value: Encodable<F>): Buffer {
      const writer = new Writer(128);
      writer.int16(ENCODING.version);
      codec.write(writer, value as Record<string, unknown>, ENCODING, false);
      return writer.toBuffer();
    },
    read(bytes: Buffer): Decoded<F> {
      const reader = new Reader(bytes);
      reader.int16();
      return codec.read(reader, ENCODING, false) as Decoded<F>;
    },
  };
}

/** The group, and what of its members is different. */
export function groupRecords(of: ConsumerGroup, { members, targets }: GroupChanges): StoredRecord[] {
  return [
    [group.key(of.id), group.value({ epoch: of.epoch })],
    [target.key(of.id), target.value({ assignmentEpoch: of.target.epoch })],
    ...[...targets]
      .filter((memberId) => of.target.byMember.has(memberId))
      .map((memberId): StoredRecord => {
        const topicPartitions = listOf(of.target.of(memberId));
        return [memberTarget.key(of.id, memberId), memberTarget.value({ topicPartitions })];
      }),
    ...[...members].flatMap(([memberId, changed]) =>
      changed ? memberRecords(of.id, changed) : goneRecords(of.id, memberId),
    ),
  ];
}

function memberRecords(groupId: string, changed: ConsumerMember): StoredRecord[] {
  const { instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, serverAssignor, classic } = changed;
  const said = {
    ...{ instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, serverAssignor, classic },
    subscribedTopicNames: changed.topicNames,
    subscribedTopicRegex: changed.topicRegex,
  };
  const stands = {
    memberEpoch: changed.epoch,
    previousMemberEpoch: changed.previousEpoch,
    state: stateNumber(changed.state),
    assignedPartitions: listOf(changed.assigned),
    partitionsPendingRevocation: listOf(changed.revoking),
  };
  return [
    [member.key(groupId, changed.id), member.value(said)],
    [current.key(groupId, changed.id), current.value(stands)],
  ];
}

export const goneRecords = (groupId: string, memberId: string): StoredRecord[] =>
  [current, memberTarget, member].map(({ key }) => [key(groupId, memberId), null]);

/** What takes an empty group away. */
export const deletedRecords = (groupId: string): StoredRecord[] =>
  [target, group].map(({ key }) => [key(groupId), null]);

/** Takes one record in; false when it is of another kind. `groupOf` makes the group where it is not there yet. */
export function applyRecord(
  [key, value]: StoredRecord,
  groupOf: (id: string) => ConsumerGroup,
  forget: (id: string) => void,
): boolean {
  const reader = new Reader(key);
  const kind = reader.int16();
  if (kind < group.kind || kind > current.kind) return false;
  const of = groupOf(reader.text(reader.int16()));
  const memberId = reader.remaining > 0 ? reader.text(reader.int16()) : '';
  if (kind === group.kind) {
    if (value) of.epoch = group.read(value).epoch;
    else forget(of.id);
  } else if (kind === target.kind) {
    if (value) of.target.epoch = target.read(value).assignmentEpoch;
  } else if (kind === memberTarget.kind) {
    if (value) of.target.byMember.set(memberId, partitionsOf(memberTarget.read(value).topicPartitions));
    else of.target.byMember.delete(memberId);
  } else if (kind === member.kind) {
    if (value) of.members.set(memberId, restoredMember(memberId, value));
    else of.members.delete(memberId);
  } else if (kind === current.kind && value) {
    const known = of.members.get(memberId);
    const { memberEpoch, previousMemberEpoch, state, ...partitions } = current.read(value);
    if (known) {
      Object.assign(known, {
        ...{ epoch: memberEpoch, previousEpoch: previousMemberEpoch, state: states[state - 1] ?? 'stable' },
        assigned: partitionsOf(partitions.assignedPartitions),
        revoking: partitionsOf(partitions.partitionsPendingRevocation),
      });
    }
  }
  return true;
}

function restoredMember(id: string, value: Buffer): ConsumerMember {
  const { instanceId, subscribedTopicNames, subscribedTopicRegex, ...same } = member.read(value);
  return Object.assign(new ConsumerMember(id, instanceId), {
    ...same,
    topicNames: subscribedTopicNames,
    topicRegex: subscribedTopicRegex,
  });
}
