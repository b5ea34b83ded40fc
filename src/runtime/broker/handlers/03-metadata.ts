import { codeOf, metadata, NIL_UUID, type ResponseInput } from '../../protocol/index.ts';
import type { BrokerState } from '../state/broker-state.ts';
import { isBrokerTopic } from '../state/topic-names.ts';
import { creationProblem } from '../state/topic-rules.ts';
import type { Topic } from '../state/topics.ts';
import { authorizedOperations } from './authorized-operations.ts';
import { handler, servingPeers } from './handler.ts';
import { toldLeadership } from './leaders.ts';

type TopicAnswer = ResponseInput<typeof metadata>['topics'][number];

/**
 * Metadata 0–13: by name or topic id; creates a topic on demand when client and broker allow it; tells the address of
 * the listener the client came through.
 */
export const metadataHandler = handler(metadata, (request, context) => {
  const { broker, version } = context;
  const { topics, clusterId, nodes } = broker;
  const wantsAll = request.topics === null || (version === 0 && request.topics.length === 0);
  const answers = wantsAll
    ? topics.all().map((topic) => described(topic, broker))
    : request.topics!.map(({ name, topicId }) => {
        if (name === null || (version >= 10 && topicId !== NIL_UUID)) {
          const byId = topics.byId(topicId);
          return byId ? described(byId, broker) : unknown(null, topicId, 'UNKNOWN_TOPIC_ID');
        }
        const topic = topics.get(name) ?? autoCreated(broker, name, request.allowAutoTopicCreation);
        return 'error' in topic ? unknown(name, NIL_UUID, topic.error) : described(topic, broker);
      });
  return {
    brokers: servingPeers(context).map(({ nodeId, host, port }) => ({ nodeId, host, port })),
    clusterId,
    controllerId: nodes.controller,
    topics: answers.map((answer) => ({
      ...answer,
      ...(answer.errorCode === 0 && {
        topicAuthorizedOperations: authorizedOperations('topic', request.includeTopicAuthorizedOperations),
      }),
    })),
    clusterAuthorizedOperations: authorizedOperations('cluster', request.includeClusterAuthorizedOperations),
  };
});

function described({ name, id, internal, partitions }: Topic, broker: BrokerState): TopicAnswer {
  return {
    errorCode: 0,
    name,
    topicId: id,
    isInternal: internal,
    partitions: partitions.map(({ partition, leadership }) => ({
      errorCode: leadership.leader < 0 ? codeOf('LEADER_NOT_AVAILABLE') : 0,
      partitionIndex: partition,
      ...toldLeadership(leadership, broker),
    })),
  };
}

type ErrorName = Parameters<typeof codeOf>[0];

function unknown(name: string | null, topicId: string, error: ErrorName): TopicAnswer {
  // Kafka goes by the name: the topic of committed offsets is internal before it is there.
  return {
    errorCode: codeOf(error),
    name,
    topicId,
    isInternal: name !== null && isBrokerTopic(name),
    partitions: [],
  };
}

function autoCreated(broker: BrokerState, name: string, isAllowed: boolean): Topic | { error: ErrorName } {
  const { topics, configs, health } = broker;
  const partitions = configs.number('num.partitions');
  const problem = creationProblem(broker, name, partitions, {});
  if (problem?.error === 'INVALID_TOPIC_EXCEPTION') return problem;
  if (!isAllowed || !configs.boolean('auto.create.topics.enable'))
    return { error: 'UNKNOWN_TOPIC_OR_PARTITION' };
  // Clients ask again after LEADER_NOT_AVAILABLE.
  return (
    problem ??
    health.attempt(name, () => topics.create(name, partitions)) ?? { error: 'LEADER_NOT_AVAILABLE' }
  );
}
