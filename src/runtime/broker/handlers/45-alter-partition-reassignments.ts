import { alterPartitionReassignments, codeOf, type KafkaErrorName } from '../../protocol/index.ts';
import type { BrokerState } from '../state/broker-state.ts';
import { changeLeaders } from '../state/leader-changes.ts';
import { assignmentProblem } from './assignments.ts';
import { handler } from './handler.ts';

interface Refusal {
  error: KafkaErrorName;
  message: string | null;
}

/**
 * AlterPartitionReassignments 0–1 (KIP-455): other replicas, at once, as there is nothing to copy; so there is never anything
 * to take back.
 */
export const alterPartitionReassignmentsHandler = handler(
  alterPartitionReassignments,
  ({ topics, allowReplicationFactorChange }, { broker }) => ({
    allowReplicationFactorChange,
    errorCode: 0,
    responses: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, replicas }) => {
        const refusal = reassign(broker, name, partitionIndex, replicas, allowReplicationFactorChange);
        return {
          partitionIndex,
          errorCode: codeOf(refusal?.error ?? 'NONE'),
          errorMessage: refusal?.message ?? null,
        };
      }),
    })),
  }),
);

function reassign(
  broker: BrokerState,
  topic: string,
  partition: number,
  replicas: number[] | null,
  mayChangeFactor: boolean,
): Refusal | null {
  const log = broker.topics.partition(topic, partition);
  if (!log) return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: null };
  if (!replicas) return { error: 'NO_REASSIGNMENT_IN_PROGRESS', message: null };
  const problem = assignmentProblem(broker, [replicas]);
  if (problem) return problem;
  const has = log.leadership.replicas.length;
  if (!mayChangeFactor && replicas.length !== has)
    return {
      error: 'INVALID_REPLICATION_FACTOR',
      message: `It has ${has} replicas, not ${replicas.length}.`,
    };
  changeLeaders(broker, [log], (leadership, endOffset) => {
    leadership.reassign(replicas, endOffset, broker.nodes.isUp);
    return true;
  });
  return null;
}
