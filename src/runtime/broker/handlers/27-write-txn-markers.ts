import { codeOf, writeTxnMarkers } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** WriteTxnMarkers 1–2: ends a transaction in single partitions, for `kafka-transactions abort` and its like. */
export const writeTxnMarkersHandler = handler(writeTxnMarkers, ({ markers }, { broker }) => ({
  markers: markers.map(({ producerId, producerEpoch, transactionResult, coordinatorEpoch, topics }) => ({
    producerId,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => {
        const marker = { producerId, producerEpoch, coordinatorEpoch, isCommit: transactionResult };
        const error = broker.transactions.ends.writeMarker(name, partitionIndex, marker);
        return { partitionIndex, errorCode: codeOf(error) };
      }),
    })),
  })),
}));
