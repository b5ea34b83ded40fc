import { codeOf, describeQuorum } from '../../protocol/index.ts';
import { handler } from './handler.ts';

const METADATA_TOPIC = '__cluster_metadata';
/** There is no log of metadata that could grow, and nobody votes. */
const NO_LOG = { leaderEpoch: 0, highWatermark: 0 };
const unknown = {
  ...{ errorCode: codeOf('UNKNOWN_TOPIC_OR_PARTITION'), leaderId: 0, ...NO_LOG },
  errorMessage: 'This server does not host this topic-partition.',
  ...{ currentVoters: [], observers: [] },
};

/** DescribeQuorum 0–2: the nodes, and which is their controller. Left out: a log of metadata; epoch and offsets stay 0. */
export const describeQuorumHandler = handler(
  describeQuorum,
  (request, { broker: { nodes, clock }, peers, version }) => {
    const nowMs = clock.now();
    // From version 2 on Kafka writes an empty text where there is no error.
    const errorMessage = version < 2 ? null : '';
    const quorum = {
      ...{ errorCode: 0, errorMessage, leaderId: nodes.controller, ...NO_LOG, observers: [] },
      currentVoters: nodes.ids.map((replicaId) => ({
        ...{ replicaId, logEndOffset: 0, lastFetchTimestamp: nowMs, lastCaughtUpTimestamp: nowMs },
      })),
    };
    const isQuorum = (topicName: string, partition: number) =>
      topicName === METADATA_TOPIC && partition === 0;
    const topics = request.topics.map(({ topicName, partitions }) => ({
      topicName,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        ...(isQuorum(topicName, partitionIndex) ? quorum : unknown),
      })),
    }));
    const isTold = topics.some(({ partitions }) => partitions.some(({ errorCode }) => errorCode === 0));
    const listeners = peers().map(({ nodeId, host, port }) => ({
      nodeId,
      listeners: [{ name: 'CONTROLLER', host, port }],
    }));
    return { errorCode: 0, errorMessage, topics, nodes: isTold ? listeners : [] };
  },
  { leftOut: 'a log of metadata: epoch and offsets are 0' },
);
