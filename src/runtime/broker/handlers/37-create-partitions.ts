import { codeOf, createPartitions, type KafkaErrorName, type RequestOf } from '../../protocol/index.ts';
import type { BrokerState } from '../state/broker-state.ts';
import type { Problem } from '../state/topic-rules.ts';
import { assignmentProblem } from './assignments.ts';
import { handler } from './handler.ts';

type Wanted = RequestOf<typeof createPartitions>['topics'][number];
const MAX_PARTITIONS = 10_000;

/** CreatePartitions 0–3: more partitions, never fewer. */
export const createPartitionsHandler = handler(createPartitions, ({ topics, validateOnly }, { broker }) => ({
  results: onceEach(topics).map((wanted) => {
    const isTwice = topics.filter(({ name }) => name === wanted.name).length > 1;
    const problem = isTwice ? twice : problemOf(broker, wanted);
    if (problem)
      return { name: wanted.name, errorCode: codeOf(problem.error), errorMessage: problem.message };
    const { name } = wanted;
    const replicas = wanted.assignments?.map(({ brokerIds }) => brokerIds);
    const add = () => broker.topics.addPartitions(broker.topics.get(name)!, wanted.count, replicas);
    if (!validateOnly && broker.health.attempt(name, add) === null)
      return { name, errorCode: codeOf('KAFKA_STORAGE_ERROR'), errorMessage: broker.health.trouble };
    return { name, errorCode: 0 };
  }),
}));

const twice: Problem = { error: 'INVALID_REQUEST', message: 'The topic is in the request twice.' };
const onceEach = (topics: readonly Wanted[]) => [
  ...new Map(topics.map((each) => [each.name, each])).values(),
];

function problemOf(broker: BrokerState, { name, count, assignments }: Wanted): Problem | null {
  const problem = (error: KafkaErrorName, message: string): Problem => ({ error, message });
  const topic = broker.topics.get(name);
  if (!topic) return problem('UNKNOWN_TOPIC_OR_PARTITION', `Topic '${name}' does not exist.`);
  const has = topic.partitions.length;
  if (count <= has)
    return problem('INVALID_PARTITIONS', `Topic '${name}' has ${has} partitions; ${count} are not more.`);
  if (count > MAX_PARTITIONS)
    return problem('INVALID_PARTITIONS', `At most ${MAX_PARTITIONS} partitions, not ${count}.`);
  if (!assignments) return null;
  if (assignments.length !== count - has)
    return problem('INVALID_REPLICA_ASSIGNMENT', `Each of ${count - has} new partitions needs replicas.`);
  return assignmentProblem(
    broker,
    assignments.map(({ brokerIds }) => brokerIds),
  );
}
