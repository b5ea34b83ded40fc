import { codeOf, NIL_UUID, removeRaftVoter } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** RemoveRaftVoter 0: the quorum cannot be changed; as in a Kafka with kraft.version 0. */
export const removeRaftVoterHandler = handler(
  removeRaftVoter,
  ({ clusterId, voterDirectoryId }, { broker }) => {
    if (clusterId !== null && clusterId !== broker.clusterId) {
      const errorMessage = `This is the cluster ${broker.clusterId}`;
      return { errorCode: codeOf('INCONSISTENT_CLUSTER_ID'), errorMessage };
    }
    if (voterDirectoryId === NIL_UUID)
      return { errorCode: codeOf('INVALID_REQUEST'), errorMessage: 'The voter has no directory.' };
    return { errorCode: codeOf('UNSUPPORTED_VERSION'), errorMessage: 'The quorum cannot be changed.' };
  },
  { leftOut: 'the quorum cannot be changed: UNSUPPORTED_VERSION' },
);
