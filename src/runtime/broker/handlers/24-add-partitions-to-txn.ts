import { addPartitionsToTxn, codeOf, type KafkaErrorName } from '../../protocol/index.ts';
import type { BrokerState } from '../state/broker-state.ts';
import type { ProducerIdentity } from '../state/transaction-coordinator.ts';
import { coordinatorProblem } from './coordinators.ts';
import { handler } from './handler.ts';
import { fencedCode } from './transaction-errors.ts';

const FENCED_VERSION = 2;
const BATCHED_VERSION = 4;

type Topics = readonly { name: string; partitions: number[] }[];

/** AddPartitionsToTxn 0–5: all of a transaction or none; several transactions, or a mere look, from 4 (KIP-890). */
export const addPartitionsToTxnHandler = handler(addPartitionsToTxn, (request, context) => {
  const { broker, version } = context;
  const told = (producer: ProducerIdentity, topics: Topics, verifyOnly: boolean) =>
    answer(topics, verifyOnly ? verified(broker, producer) : added(broker, producer, topics), version);
  if (version < BATCHED_VERSION) {
    const { transactionalId, producerId, producerEpoch: epoch, topics } = request;
    const answer = { resultsByTopic: told({ transactionalId, producerId, epoch }, topics, false) };
    return broker.fsync ? broker.transactions.sync().then(() => answer) : answer;
  }
  const whole = {
    errorCode: 0,
    resultsByTransaction: request.transactions.map((transaction) => {
      const { transactionalId, producerId, producerEpoch: epoch, topics, verifyOnly } = transaction;
      const problem = coordinatorProblem(context, transactionalId);
      if (problem) return { transactionalId, topicResults: answer(topics, () => problem, version) };
      const producer = { transactionalId, producerId, epoch };
      return { transactionalId, topicResults: told(producer, topics, verifyOnly) };
    }),
  };
  return broker.fsync ? broker.transactions.sync().then(() => whole) : whole;
});

type PartitionError = (topic: string, partition: number) => KafkaErrorName;

const verified =
  ({ transactions }: BrokerState, producer: ProducerIdentity): PartitionError =>
  (topic, partition) =>
    transactions.verify(producer, { topic, partition });

function added(broker: BrokerState, producer: ProducerIdentity, topics: Topics): PartitionError {
  const isKnown = (topic: string, partition: number) =>
    broker.topics.partition(topic, partition) !== undefined;
  const wanted = topics.flatMap(({ name, partitions }) =>
    partitions.map((partition) => ({ topic: name, partition })),
  );
  if (wanted.every(({ topic, partition }) => isKnown(topic, partition))) {
    const error = broker.transactions.add(producer, wanted);
    return () => error;
  }
  return (topic, partition) =>
    isKnown(topic, partition) ? 'OPERATION_NOT_ATTEMPTED' : 'UNKNOWN_TOPIC_OR_PARTITION';
}

function answer(topics: Topics, errorOf: PartitionError, version: number) {
  return topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => {
      const error = errorOf(name, partitionIndex);
      // TRANSACTION_ABORTABLE came with version 5.
      const isNew = error === 'TRANSACTION_ABORTABLE' && version < 5;
      const code = isNew ? codeOf('INVALID_TXN_STATE') : fencedCode(error, version >= FENCED_VERSION);
      return { partitionIndex, partitionErrorCode: code };
    }),
  }));
}
