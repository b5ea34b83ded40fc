/** What consumers of a classic group tell each other through the coordinator (ConsumerProtocol{Subscription,Assignment}.json). */
import { malformed, Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** The protocol type of groups whose members are consumers. */
export const CONSUMER_PROTOCOL = 'consumer';

const NO_BYTES = Buffer.alloc(0);
/** Version 0 is the eager protocol: all is given up before a rebalance. */
const EAGER_VERSION = 0;
const LAST_VERSION = 3;
const WITH_OWNED = 1;
const WITH_GENERATION = 2;
const WITH_RACK = 3;

interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface Subscription {
  readonly version: number;
  readonly topics: readonly string[];
  readonly userData: Buffer;
  /** What the member still reads; none where the version has no such thing. */
  readonly owned: readonly TopicPartition[];
  readonly rackId: string | null;
}

export interface Assignment {
  readonly partitions: readonly TopicPartition[];
  readonly userData: Buffer;
}

function putUserData(writer: Writer, userData: Uint8Array | null): void {
  writer.int32(userData?.length ?? -1);
  if (userData) writer.bytes(userData);
}

/** The user data at the reader's place; other clients leave it out as null, or altogether. */
function userDataAt(reader: Reader): Buffer {
  if (reader.remaining < 4) return NO_BYTES;
  const length = reader.int32();
  return length > 0 ? reader.bytes(length) : NO_BYTES;
}

function countAt(reader: Reader): number {
  const count = reader.int32();
  if (count > reader.remaining) throw malformed(`a list of ${count} in ${reader.remaining} bytes`);
  return count;
}

function partitionsAt(reader: Reader): TopicPartition[] {
  const partitions: TopicPartition[] = [];
  for (let topics = countAt(reader); topics > 0; topics--) {
    const topic = reader.text(reader.int16());
    for (let left = countAt(reader); left > 0; left--) partitions.push({ topic, partition: reader.int32() });
  }
  return partitions;
}

export function writeSubscription(topics: readonly string[], userData: Uint8Array | null): Buffer {
  const writer = new Writer();
  writer.int16(EAGER_VERSION);
  writer.int32(topics.length);
  for (const topic of topics) writer.string(topic, false);
  putUserData(writer, userData);
  return writer.toBuffer();
}

/** Of any version: what later ones have more comes behind. Throws when the bytes are something else. */
export function readSubscription(bytes: Buffer): Subscription {
  const reader = new Reader(bytes);
  const version = reader.int16();
  const topics: string[] = [];
  for (let left = countAt(reader); left > 0; left--) topics.push(reader.text(reader.int16()));
  const userData = userDataAt(reader);
  const owned = version >= WITH_OWNED ? partitionsAt(reader) : [];
  if (version >= WITH_GENERATION) reader.int32();
  const rackLength = version >= WITH_RACK ? reader.int16() : -1;
  return { version, topics, userData, owned, rackId: rackLength < 0 ? null : reader.text(rackLength) };
}

/** In the version of the member's subscription, as far as there is one. */
export function writeAssignment(
  partitions: readonly TopicPartition[],
  userData: Uint8Array | null,
  version: number = EAGER_VERSION,
): Buffer {
  const writer = new Writer();
  writer.int16(Math.min(version, LAST_VERSION));
  const topics = Map.groupBy(partitions, ({ topic }) => topic);
  writer.int32(topics.size);
  for (const [topic, of] of topics) {
    writer.string(topic, false);
    writer.int32(of.length);
    for (const { partition } of of) writer.int32(partition);
  }
  putUserData(writer, userData);
  return writer.toBuffer();
}

/** Nothing when the member has none yet. Throws when the bytes are something else. */
export function readAssignment(bytes: Buffer): Assignment {
  if (bytes.length === 0) return { partitions: [], userData: NO_BYTES };
  const reader = new Reader(bytes);
  reader.int16();
  return { partitions: partitionsAt(reader), userData: userDataAt(reader) };
}
