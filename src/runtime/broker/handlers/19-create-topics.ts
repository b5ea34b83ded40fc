import { codeOf, createTopics, NIL_UUID, type RequestOf, type ResponseInput } from '../../protocol/index.ts';
import type { BrokerState } from '../state/broker-state.ts';
import { creationProblem, type Problem } from '../state/topic-rules.ts';
import { assignmentProblem } from './assignments.ts';
import { handler } from './handler.ts';

type Wanted = RequestOf<typeof createTopics>['topics'][number];
type Answer = ResponseInput<typeof createTopics>['topics'][number];

/** CreateTopics 0–7: partitions or assignments, configs, validate only; replicas are told, there is one copy. */
export const createTopicsHandler = handler(
  createTopics,
  ({ topics, validateOnly }, { broker }) => {
    const names = topics.map(({ name }) => name);
    return {
      topics: topics.map((wanted) => {
        const isTwice = names.indexOf(wanted.name) !== names.lastIndexOf(wanted.name);
        const problem = isTwice
          ? ({
              error: 'INVALID_REQUEST',
              message: `Topic '${wanted.name}' is in the request twice.`,
            } as const)
          : problemOf(broker, wanted);
        return problem ? refused(wanted, problem) : created(broker, wanted, validateOnly);
      }),
    };
  },
  { advertisedMinVersion: 2 },
);

function partitionsOf({ configs }: BrokerState, { assignments, numPartitions }: Wanted): number {
  if (assignments.length > 0) return assignments.length;
  return numPartitions === -1 ? configs.number('num.partitions') : numPartitions;
}

function problemOf(broker: BrokerState, wanted: Wanted): Problem | null {
  const { assignments, replicationFactor } = wanted;
  const problem = creationProblem(broker, wanted.name, partitionsOf(broker, wanted), configsOf(wanted));
  if (problem) return problem;
  if (assignments.length > 0) {
    if (wanted.numPartitions !== -1 || replicationFactor !== -1) {
      return { error: 'INVALID_REQUEST', message: 'Assignments go with -1 partitions and replicas only.' };
    }
    const indexes = new Set(assignments.map(({ partitionIndex }) => partitionIndex));
    if (!assignments.every((_, index) => indexes.has(index)))
      return { error: 'INVALID_REPLICA_ASSIGNMENT', message: 'Every partition from 0 on needs replicas.' };
    return assignmentProblem(
      broker,
      assignments.map(({ brokerIds }) => brokerIds),
    );
  }
  const count = broker.nodes.ids.length;
  if (replicationFactor === -1 || (replicationFactor >= 1 && replicationFactor <= count)) return null;
  return {
    error: 'INVALID_REPLICATION_FACTOR',
    message: `Replication factor ${replicationFactor} is not possible: there ${count === 1 ? 'is 1 broker' : `are ${count} brokers`}.`,
  };
}

/** By partition; as wanted, else as the broker places them. */
function replicasOf({ topics }: BrokerState, { assignments, replicationFactor }: Wanted, partitions: number) {
  if (assignments.length === 0)
    return topics.place(partitions, replicationFactor === -1 ? undefined : replicationFactor);
  return assignments
    .toSorted((a, b) => a.partitionIndex - b.partitionIndex)
    .map(({ brokerIds }) => brokerIds);
}

const configsOf = ({ configs }: Wanted): Record<string, string | null> =>
  Object.fromEntries(configs.map(({ name, value }) => [name, value]));

function refused({ name }: Wanted, { error, message }: Problem): Answer {
  return { name, topicId: NIL_UUID, errorCode: codeOf(error), errorMessage: message, configs: [] };
}

function created(broker: BrokerState, wanted: Wanted, validateOnly: boolean): Answer {
  const { name } = wanted;
  const numPartitions = partitionsOf(broker, wanted);
  const configs = configsOf(wanted) as Record<string, string>;
  const replicas = replicasOf(broker, wanted, numPartitions);
  const create = () => broker.topics.create(name, numPartitions, configs, replicas).id;
  const topicId = validateOnly ? NIL_UUID : broker.health.attempt(name, create);
  if (topicId === null)
    return refused(wanted, { error: 'KAFKA_STORAGE_ERROR', message: broker.health.trouble ?? '' });
  return {
    name,
    topicId,
    errorCode: 0,
    numPartitions,
    replicationFactor: replicas[0]!.length,
    configs: broker.configs.describeTopic(configs, null).map((config) => ({
      name: config.name,
      value: config.value,
      readOnly: false,
      configSource: config.source,
      isSensitive: false,
    })),
  };
}
