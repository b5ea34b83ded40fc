import { codeOf, offsetForLeaderEpoch } from '../../protocol/index.ts';
import { LEADER_EPOCH } from '../state/partition-log.ts';
import { handler } from './handler.ts';

/** OffsetForLeaderEpoch 2–4: there is one epoch, which ends where the log ends. */
export const offsetForLeaderEpochHandler = handler(offsetForLeaderEpoch, (request, { broker }) => ({
  topics: request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, leaderEpoch, currentLeaderEpoch }) => {
      const log = broker.topics.partition(topic, partition);
      if (!log) return { partition, errorCode: codeOf('UNKNOWN_TOPIC_OR_PARTITION') };
      if (currentLeaderEpoch > LEADER_EPOCH) return { partition, errorCode: codeOf('UNKNOWN_LEADER_EPOCH') };
      // Of an epoch that never was, Kafka says -1, -1.
      if (leaderEpoch !== LEADER_EPOCH) return { partition, errorCode: 0 };
      return { partition, errorCode: 0, leaderEpoch: LEADER_EPOCH, endOffset: log.highWatermark };
    }),
  })),
}));
