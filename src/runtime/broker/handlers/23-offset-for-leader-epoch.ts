import { codeOf, offsetForLeaderEpoch } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** OffsetForLeaderEpoch 2–4: where the epochs of the partition's leaders ended. */
export const offsetForLeaderEpochHandler = handler(offsetForLeaderEpoch, (request, { broker, endpoint }) => ({
  topics: request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, leaderEpoch, currentLeaderEpoch }) => {
      const log = broker.topics.partition(topic, partition);
      if (!log) return { partition, errorCode: codeOf('UNKNOWN_TOPIC_OR_PARTITION') };
      const problem = log.leadership.problemAt(endpoint.nodeId, currentLeaderEpoch);
      if (problem) return { partition, errorCode: codeOf(problem) };
      // Of an epoch that never was, Kafka says -1, -1.
      const end = log.leadership.endOf(leaderEpoch, log.highWatermark);
      return { partition, errorCode: 0, ...(end && { leaderEpoch: end.epoch, endOffset: end.endOffset }) };
    }),
  })),
}));
