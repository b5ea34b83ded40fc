import { codeOf, describeProducers } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** DescribeProducers 0: who has written to a partition of late, and since which offset a transaction is open there. */
export const describeProducersHandler = handler(describeProducers, ({ topics }, { broker, endpoint }) => ({
  topics: topics.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => {
      const log = broker.topics.partition(name, partitionIndex);
      const problem = log ? log.leadership.problemAt(endpoint.nodeId) : 'UNKNOWN_TOPIC_OR_PARTITION';
      if (problem) return { partitionIndex, errorCode: codeOf(problem), activeProducers: [] };
      return { partitionIndex, errorCode: 0, activeProducers: log?.producers.describe() ?? [] };
    }),
  })),
}));
