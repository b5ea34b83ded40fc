import {
  codeOf,
  EARLIEST_TIMESTAMP,
  kafkaErrorEntry,
  LATEST_TIMESTAMP,
  listOffsets,
  offsetCommit,
  offsetFetch,
} from '../../protocol/index.ts';
import type { CommittedOffset, TopicPartition } from '../port.ts';
import { byTopic } from './by-topic.ts';
import type { Cluster } from './cluster.ts';
import { isUnknownTopic, kafkaError } from './errors.ts';

/** From version 10 on OffsetCommit has topic ids instead of names. */
export const LAST_COMMIT_BY_NAME = 9;
/** Between questions for offsets that a transaction may still move. */
const UNSTABLE_PAUSE_MS = 20;

/** Index of the caller's partition, by name. */
const indexOf = (partitions: readonly TopicPartition[]): Map<string, number> =>
  new Map(partitions.map(({ topic, partition }, index) => [`${topic}/${partition}`, index]));

/** First offset at or after a time, or the ends of the log, in the order asked. -1 when no record is that young. */
export async function offsetsAt(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  at: 'earliest' | 'latest' | number,
): Promise<number[]> {
  const timestamp = at === 'earliest' ? EARLIEST_TIMESTAMP : at === 'latest' ? LATEST_TIMESTAMP : at;
  if (partitions.length === 0) return [];
  const index = indexOf(partitions);
  const offsets = partitions.map(() => -1);
  let missing = partitions;
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  if (topics.some((topic) => !cluster.topic(topic))) await cluster.describe(topics);
  await cluster.retrying(async () => {
    const failed: TopicPartition[] = [];
    let failure: Error | null = null;
    const byLeader = Map.groupBy(missing, ({ topic, partition }) => cluster.leader(topic, partition));
    for (const [leader, led] of byLeader) {
      const connection = await (leader < 0 ? cluster.any() : cluster.node(leader));
      const answer = await connection.request(
        listOffsets,
        {
          topics: byTopic(led, ({ partition }) => ({ partitionIndex: partition, timestamp })).map(
            ([name, entries]) => ({ name, partitions: entries }),
          ),
        },
        { maxVersion: 9 },
      );
      for (const { name, partitions: answers } of answer.topics) {
        for (const { partitionIndex, errorCode, offset } of answers) {
          if (errorCode === 0) offsets[index.get(`${name}/${partitionIndex}`)!] = offset;
          else {
            failed.push({ topic: name, partition: partitionIndex });
            failure = kafkaError(errorCode, `offsets of ${name}/${partitionIndex}`);
            if (!kafkaErrorEntry(errorCode).retriable) throw failure;
          }
        }
      }
    }
    missing = failed;
    if (!failure) return;
    await cluster.describe([...new Set(failed.map(({ topic }) => topic))]);
    // The cluster has the topic; its new leader has only not heard of it.
    if (isUnknownTopic(failure)) throw kafkaError(codeOf('NOT_LEADER_OR_FOLLOWER'), 'offsets');
    throw failure;
  });
  return offsets;
}

/** Committed offsets of a group, in the order asked; -1 where there is none. */
export async function committedOffsets(
  cluster: Cluster,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<number[]> {
  return (await committedPositions(cluster, group, partitions)).map(({ offset }) => offset);
}

/**
 * The same, with what was noted beside each offset. With `stableUntil`, transactions that may still move them are waited for
 * (KIP-447); rejects when that signal aborts.
 */
export async function committedPositions(
  cluster: Cluster,
  group: string,
  partitions: readonly TopicPartition[],
  stableUntil?: AbortSignal,
): Promise<CommittedOffset[]> {
  const index = indexOf(partitions);
  const found = partitions.map(({ topic, partition }) => ({ topic, partition, offset: -1, metadata: '' }));
  const ask = () =>
    cluster.retrying(async () => {
      const connection = await cluster.coordinator(group);
      const topics = byTopic(partitions, ({ partition }) => partition);
      const response = await connection.request(
        offsetFetch,
        {
          ...{ groupId: group, requireStable: stableUntil !== undefined },
          topics: topics.map(([name, partitionIndexes]) => ({ name, partitionIndexes })),
        },
        { maxVersion: 7 },
      );
      const codes = response.topics.flatMap((topic) => topic.partitions.map(({ errorCode }) => errorCode));
      const code = response.errorCode || codes.find((one) => one !== 0);
      if (!code) return response;
      if (code === codeOf('UNSTABLE_OFFSET_COMMIT')) return null;
      throw kafkaError(code, `offsets of group ${group}`);
    });
  let answer = await ask();
  while (!answer) {
    await cluster.clock.sleep(UNSTABLE_PAUSE_MS, stableUntil);
    stableUntil?.throwIfAborted();
    answer = await ask();
  }
  for (const { name, partitions: answers } of answer.topics) {
    for (const { partitionIndex, committedOffset, metadata } of answers) {
      const position = found[index.get(`${name}/${partitionIndex}`) ?? -1];
      if (position) Object.assign(position, { offset: committedOffset, metadata: metadata ?? '' });
    }
  }
  return found;
}

/** Commits offsets for a group that has no members. */
export async function commitOffsets(
  cluster: Cluster,
  group: string,
  offsets: readonly (TopicPartition & { offset: number })[],
): Promise<void> {
  if (offsets.length === 0) return;
  await cluster.retrying(async () => {
    const connection = await cluster.coordinator(group);
    const topics = byTopic(offsets, ({ partition, offset }) => ({
      partitionIndex: partition,
      committedOffset: offset,
    }));
    const body = { groupId: group, topics: topics.map(([name, partitions]) => ({ name, partitions })) };
    const response = await connection.request(offsetCommit, body, { maxVersion: LAST_COMMIT_BY_NAME });
    for (const { name, partitions } of response.topics) {
      for (const { partitionIndex, errorCode } of partitions) {
        if (errorCode) throw kafkaError(errorCode, `committing ${name}/${partitionIndex} for group ${group}`);
      }
    }
  });
}
