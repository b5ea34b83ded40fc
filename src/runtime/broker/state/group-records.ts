/**
 * The records of `__consumer_offsets` in Kafka's own layout (OffsetCommitKey/Value, GroupMetadataKey/Value), so that its
 * tools can read them.
 */
import { Reader, Writer } from '../../protocol/index.ts';
import { Member } from './group-member.ts';

const OFFSET_KEY_VERSION = 1;
const GROUP_KEY_VERSION = 2;
const OFFSET_VALUE_VERSION = 3;
/** The last version that has an expiry of its own. */
const OFFSET_VALUE_EXPIRING_VERSION = 1;
const GROUP_VALUE_VERSION = 3;

export interface CommittedOffset {
  offset: number;
  leaderEpoch: number;
  metadata: string;
  commitTimeMs: number;
  /** Given by the client (OffsetCommit 2–4); null: the broker's retention counts. */
  expireTimeMs: number | null;
  /** Where it stands in `__consumer_offsets`: of two for one partition the later one counts, whenever it was committed. */
  recordOffset: number;
}

export interface GroupSnapshot {
  protocolType: string;
  generationId: number;
  protocolName: string | null;
  leaderId: string | null;
  stateSinceMs: number;
  members: Member[];
}

export type GroupRecordKey =
  | { kind: 'offset'; group: string; topic: string; partition: number }
  | { kind: 'group'; group: string };

export function encodeKey(key: GroupRecordKey): Buffer {
  const writer = new Writer(64);
  writer.int16(key.kind === 'offset' ? OFFSET_KEY_VERSION : GROUP_KEY_VERSION);
  writer.string(key.group, false);
  if (key.kind === 'offset') {
    writer.string(key.topic, false);
    writer.int32(key.partition);
  }
  return writer.toBuffer();
}

/** Null for a record of a kind that we don't know. */
export function decodeKey(bytes: Buffer): GroupRecordKey | null {
  const reader = new Reader(bytes);
  const version = reader.int16();
  if (version > GROUP_KEY_VERSION || version < 0) return null;
  const group = text(reader);
  if (version === GROUP_KEY_VERSION) return { kind: 'group', group };
  return { kind: 'offset', group, topic: text(reader), partition: reader.int32() };
}

const text = (reader: Reader): string => reader.text(reader.int16());
function nullableText(reader: Reader): string | null {
  const length = reader.int16();
  return length < 0 ? null : reader.text(length);
}

export function encodeOffset(committed: CommittedOffset): Buffer {
  const { offset, leaderEpoch, metadata, commitTimeMs, expireTimeMs } = committed;
  const writer = new Writer(64);
  writer.int16(expireTimeMs === null ? OFFSET_VALUE_VERSION : OFFSET_VALUE_EXPIRING_VERSION);
  writer.int64(offset);
  if (expireTimeMs === null) writer.int32(leaderEpoch);
  writer.string(metadata, false);
  writer.int64(commitTimeMs);
  if (expireTimeMs !== null) writer.int64(expireTimeMs);
  return writer.toBuffer();
}

export function decodeOffset(bytes: Buffer, recordOffset: number): CommittedOffset {
  const reader = new Reader(bytes);
  const version = reader.int16();
  return {
    offset: reader.int64(),
    leaderEpoch: version >= 3 ? reader.int32() : -1,
    metadata: text(reader),
    commitTimeMs: reader.int64(),
    expireTimeMs: version === OFFSET_VALUE_EXPIRING_VERSION ? reader.int64() : null,
    recordOffset,
  };
}

export function encodeGroup(group: Omit<GroupSnapshot, 'members'> & { members: Iterable<Member> }): Buffer {
  const members = [...group.members];
  const writer = new Writer(256);
  writer.int16(GROUP_VALUE_VERSION);
  writer.string(group.protocolType, false);
  writer.int32(group.generationId);
  writer.string(group.protocolName, false);
  writer.string(group.leaderId, false);
  writer.int64(group.stateSinceMs);
  writer.int32(members.length);
  for (const member of members) {
    writer.string(member.id, false);
    writer.string(member.groupInstanceId, false);
    writer.string(member.clientId, false);
    writer.string(member.clientHost, false);
    writer.int32(member.rebalanceTimeoutMs);
    writer.int32(member.sessionTimeoutMs);
    for (const bytes of [member.metadataOf(group.protocolName), member.assignment]) {
      writer.int32(bytes.length);
      writer.bytes(bytes);
    }
  }
  return writer.toBuffer();
}

export function decodeGroup(bytes: Buffer): GroupSnapshot | null {
  const reader = new Reader(bytes);
  if (reader.int16() !== GROUP_VALUE_VERSION) return null;
  const protocolType = text(reader);
  const generationId = reader.int32();
  const protocolName = nullableText(reader);
  const leaderId = nullableText(reader);
  const stateSinceMs = reader.int64();
  const members: Member[] = [];
  for (let left = reader.int32(); left > 0; left--) {
    const id = text(reader);
    const groupInstanceId = nullableText(reader);
    const clientId = text(reader);
    const clientHost = text(reader);
    const rebalanceTimeoutMs = reader.int32();
    const sessionTimeoutMs = reader.int32();
    const metadata = Buffer.from(reader.bytes(reader.int32()));
    const protocols = [{ name: protocolName ?? '', metadata }];
    const timeouts = { rebalanceTimeoutMs, sessionTimeoutMs };
    const member = new Member(id, {
      groupInstanceId,
      clientId,
      clientHost,
      protocolType,
      protocols,
      ...timeouts,
    });
    member.assignment = Buffer.from(reader.bytes(reader.int32()));
    members.push(member);
  }
  return { protocolType, generationId, protocolName, leaderId, stateSinceMs, members };
}
