import { addRaftVoter, codeOf } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** AddRaftVoter 0–1: the quorum cannot be changed; as in a Kafka with kraft.version 0. */
export const addRaftVoterHandler = handler(
  addRaftVoter,
  ({ clusterId }, { broker }) =>
    clusterId !== null && clusterId !== broker.clusterId
      ? {
          errorCode: codeOf('INCONSISTENT_CLUSTER_ID'),
          errorMessage: `This is the cluster ${broker.clusterId}`,
        }
      : { errorCode: codeOf('UNSUPPORTED_VERSION'), errorMessage: 'The quorum cannot be changed.' },
  { leftOut: 'the quorum cannot be changed: UNSUPPORTED_VERSION' },
);
