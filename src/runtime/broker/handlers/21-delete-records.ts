import { codeOf, deleteRecords } from '../../protocol/index.ts';
import { handler } from './handler.ts';

const UP_TO_HIGH_WATERMARK = -1;

/** DeleteRecords 0–2: moves the log start; whole segments before it are removed at once. */
export const deleteRecordsHandler = handler(deleteRecords, (request, { broker, endpoint }) => ({
  topics: request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, offset }) => {
      const topic = broker.topics.get(name);
      const log = topic?.partitions[partitionIndex];
      const failed = (error: Parameters<typeof codeOf>[0]) => ({
        partitionIndex,
        lowWatermark: -1,
        errorCode: codeOf(error),
      });
      if (!log) return failed('UNKNOWN_TOPIC_OR_PARTITION');
      const problem = log.leadership.problemAt(endpoint.nodeId);
      if (problem) return failed(problem);
      if (topic?.internal) return failed('INVALID_TOPIC_EXCEPTION');
      // Kafka: a log that is only compacted keeps its records.
      if (!log.settings.deleteOld) return failed('POLICY_VIOLATION');
      const to = offset === UP_TO_HIGH_WATERMARK ? log.highWatermark : offset;
      if (to < 0 || to > log.highWatermark) return failed('OFFSET_OUT_OF_RANGE');
      if (broker.health.attempt(name, () => log.log.deleteBefore(to)) === null)
        return failed('KAFKA_STORAGE_ERROR');
      return { partitionIndex, lowWatermark: log.startOffset, errorCode: 0 };
    }),
  })),
}));
