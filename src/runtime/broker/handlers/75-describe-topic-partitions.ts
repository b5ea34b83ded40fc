import { codeOf, describeTopicPartitions } from '../../protocol/index.ts';
import { isTopicName } from '../state/topic-names.ts';
import { authorizedOperations } from './authorized-operations.ts';
import { handler } from './handler.ts';
import { toldLeadership } from './leaders.ts';

/** Kafka's max.request.partition.size.limit */
const MOST_PARTITIONS = 2000;

/** DescribeTopicPartitions 0: by name, in pages (KIP-966). */
export const describeTopicPartitionsHandler = handler(describeTopicPartitions, (request, { broker }) => {
  const { cursor, responsePartitionLimit } = request;
  const { topics } = broker;
  const isAll = request.topics.length === 0;
  const wanted = isAll ? topics.all() : request.topics;
  const first = cursor?.topicName ?? '';
  const names = [...new Set(wanted.map(({ name }) => name))].filter((name) => name >= first).sort();
  // At least one, or the pages would never end.
  let left = Math.max(1, Math.min(responsePartitionLimit, MOST_PARTITIONS));
  const told = [];
  const topicAuthorizedOperations = authorizedOperations('topic', true);
  for (const name of names) {
    const topic = topics.get(name);
    const from = name === cursor?.topicName ? cursor.partitionIndex : 0;
    if (left <= 0) return { topics: told, nextCursor: { topicName: name, partitionIndex: from } };
    if (name === cursor?.topicName && cursor.partitionIndex < 0) {
      const errorCode = codeOf('INVALID_REQUEST');
      told.push({ errorCode, name, partitions: [] });
      continue;
    }
    if (!topic) {
      const error = isTopicName(name) ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'INVALID_TOPIC_EXCEPTION';
      told.push({ errorCode: codeOf(error), name, partitions: [], topicAuthorizedOperations });
      continue;
    }
    const partitions = topic.partitions.slice(from, from + left).map(({ partition, leadership }) => ({
      errorCode: leadership.leader < 0 ? codeOf('LEADER_NOT_AVAILABLE') : 0,
      partitionIndex: partition,
      ...toldLeadership(leadership, broker),
      eligibleLeaderReplicas: [],
      lastKnownElr: [],
    }));
    told.push({
      errorCode: 0,
      name,
      topicId: topic.id,
      isInternal: topic.internal,
      partitions,
      topicAuthorizedOperations,
    });
    left -= partitions.length;
    const next = from + partitions.length;
    if (next < topic.partitions.length)
      return { topics: told, nextCursor: { topicName: name, partitionIndex: next } };
  }
  return { topics: told, nextCursor: null };
});
