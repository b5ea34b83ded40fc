import { codeOf, describeProducers } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** DescribeProducers 0: who has written to a partition of late, and since which offset a transaction is open there. */
export const describeProducersHandler = handler(describeProducers, ({ topics }, { broker }) => ({
  topics: topics.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => {
      const log = broker.topics.partition(name, partitionIndex);
      const errorCode = log ? 0 : codeOf('UNKNOWN_TOPIC_OR_PARTITION');
      return { partitionIndex, errorCode, activeProducers: log?.producers.describe() ?? [] };
    }),
  })),
}));
