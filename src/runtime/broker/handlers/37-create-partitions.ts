import { codeOf, createPartitions, type KafkaErrorName, type RequestOf } from '../../protocol/index.ts';
import type { BrokerState } from '../state/broker-state.ts';
import type { Problem } from '../state/topics.ts';
import { handler } from './handler.ts';

type Wanted = RequestOf<typeof createPartitions>['topics'][number];
const MAX_PARTITIONS = 10_000;

/** CreatePartitions 0–3: more partitions, never fewer. */
export const createPartitionsHandler = handler(createPartitions, ({ topics, validateOnly }, { broker }) => ({
  results: topics.map((wanted) => {
    const problem = problemOf(broker, wanted);
    if (problem)
      return { name: wanted.name, errorCode: codeOf(problem.error), errorMessage: problem.message };
    const { name } = wanted;
    const add = () => broker.topics.addPartitions(broker.topics.get(name)!, wanted.count);
    if (!validateOnly && broker.health.attempt(name, add) === null)
      return { name, errorCode: codeOf('KAFKA_STORAGE_ERROR'), errorMessage: broker.health.trouble };
    return { name, errorCode: 0 };
  }),
}));

function problemOf({ topics, nodeId }: BrokerState, { name, count, assignments }: Wanted): Problem | null {
  const problem = (error: KafkaErrorName, message: string): Problem => ({ error, message });
  const topic = topics.get(name);
  if (!topic) return problem('UNKNOWN_TOPIC_OR_PARTITION', `Topic '${name}' does not exist.`);
  const has = topic.partitions.length;
  if (count <= has)
    return problem('INVALID_PARTITIONS', `Topic '${name}' has ${has} partitions; ${count} are not more.`);
  if (count > MAX_PARTITIONS)
    return problem('INVALID_PARTITIONS', `At most ${MAX_PARTITIONS} partitions, not ${count}.`);
  if (!assignments) return null;
  const areValid =
    assignments.length === count - has &&
    assignments.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === nodeId);
  return areValid
    ? null
    : problem('INVALID_REPLICA_ASSIGNMENT', `Each of ${count - has} new partitions needs replica ${nodeId}.`);
}
