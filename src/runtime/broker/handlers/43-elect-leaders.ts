import {
  codeOf,
  ELECTION_PREFERRED,
  ELECTION_UNCLEAN,
  electLeaders,
  type KafkaErrorName,
} from '../../protocol/index.ts';
import type { BrokerState } from '../state/broker-state.ts';
import { changeLeaders } from '../state/leader-changes.ts';
import { handler } from './handler.ts';

/** ElectLeaders 0–2 (KIP-183, KIP-460): the preferred leader, or any replica that serves where there is no leader. */
export const electLeadersHandler = handler(electLeaders, (request, { broker, version }) => {
  const type = version === 0 ? ELECTION_PREFERRED : request.electionType;
  if (type !== ELECTION_PREFERRED && type !== ELECTION_UNCLEAN)
    return { errorCode: codeOf('INVALID_REQUEST'), replicaElectionResults: [] };
  const all = request.topicPartitions === null;
  const wanted =
    request.topicPartitions ??
    broker.topics.all().map(({ name, partitions }) => ({
      topic: name,
      partitions: partitions.map(({ partition }) => partition),
    }));
  const results = wanted.map(({ topic, partitions }) => ({
    topic,
    partitionResult: partitions
      .map((partitionId) => ({ partitionId, error: elect(broker, topic, partitionId, type) }))
      // Asked for all, Kafka tells of those alone for which there was something to do.
      .filter(({ error }) => !all || error !== 'ELECTION_NOT_NEEDED')
      .map(({ partitionId, error }) => ({ partitionId, errorCode: codeOf(error) })),
  }));
  return {
    errorCode: 0,
    replicaElectionResults: results.filter(({ partitionResult }) => partitionResult.length > 0),
  };
});

function elect(broker: BrokerState, topic: string, partition: number, type: number): KafkaErrorName {
  const log = broker.topics.partition(topic, partition);
  if (!log) return 'UNKNOWN_TOPIC_OR_PARTITION';
  const isPreferred = type === ELECTION_PREFERRED;
  const { isUp } = broker.nodes;
  let outcome = 'not needed';
  changeLeaders(broker, [log], (leadership, endOffset) => {
    outcome = isPreferred
      ? leadership.electPreferred(endOffset, isUp)
      : leadership.electUnclean(endOffset, isUp);
    return outcome === 'elected';
  });
  if (outcome === 'elected') return 'NONE';
  if (outcome === 'not needed') return 'ELECTION_NOT_NEEDED';
  return isPreferred ? 'PREFERRED_LEADER_NOT_AVAILABLE' : 'ELIGIBLE_LEADERS_NOT_AVAILABLE';
}
