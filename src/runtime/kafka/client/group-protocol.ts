/** What consumers of a group tell each other through the coordinator (ConsumerProtocol{Subscription,Assignment}.json). */
import { malformed, Reader, Writer } from '../../protocol/index.ts';
import type { TopicPartition } from '../port.ts';
import { byTopic } from './by-topic.ts';

const NO_BYTES = Buffer.alloc(0);
/** Version 0 is the eager protocol: all is given up before a rebalance. */
const VERSION = 0;

export interface Subscription {
  readonly topics: readonly string[];
  readonly userData: Buffer;
}

export interface Assignment {
  readonly partitions: readonly TopicPartition[];
  readonly userData: Buffer;
}

function putUserData(writer: Writer, userData: Uint8Array): void {
  writer.int32(userData.length);
  writer.bytes(userData);
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

export function writeSubscription(topics: readonly string[], userData: Uint8Array): Buffer {
  const writer = new Writer();
  writer.int16(VERSION);
  writer.int32(topics.length);
  for (const topic of topics) writer.string(topic, false);
  putUserData(writer, userData);
  return writer.toBuffer();
}

/** Of any version: what later ones have more comes behind. */
export function readSubscription(bytes: Buffer): Subscription {
  const reader = new Reader(bytes);
  reader.int16();
  const topics: string[] = [];
  for (let left = countAt(reader); left > 0; left--) topics.push(reader.text(reader.int16()));
  return { topics, userData: userDataAt(reader) };
}

export function writeAssignment(partitions: readonly TopicPartition[], userData: Uint8Array): Buffer {
  const writer = new Writer();
  writer.int16(VERSION);
  const topics = byTopic(partitions, ({ partition }) => partition);
  writer.int32(topics.length);
  for (const [topic, numbers] of topics) {
    writer.string(topic, false);
    writer.int32(numbers.length);
    for (const number of numbers) writer.int32(number);
  }
  putUserData(writer, userData);
  return writer.toBuffer();
}

/** Nothing when the member has none yet. */
export function readAssignment(bytes: Buffer): Assignment {
  if (bytes.length === 0) return { partitions: [], userData: NO_BYTES };
  const reader = new Reader(bytes);
  reader.int16();
  const partitions: TopicPartition[] = [];
  for (let topics = countAt(reader); topics > 0; topics--) {
    const topic = reader.text(reader.int16());
    for (let left = countAt(reader); left > 0; left--) partitions.push({ topic, partition: reader.int32() });
  }
  return { partitions, userData: userDataAt(reader) };
}
