import { codeOf, findCoordinator } from '../../protocol/index.ts';
import { handler, type RequestContext, servingPeers } from './handler.ts';

const GROUP = 0;
const TRANSACTION = 1;

/** FindCoordinator 0–6, in batches from 4: a node by the hash of the key, at the address of the client's listener. Left out: share groups. */
export const findCoordinatorHandler = handler(
  findCoordinator,
  (request, context) => {
    const { key: only, keyType, coordinatorKeys } = request;
    // Without an error Kafka writes so, in old answers and in new ones.
    const noError = context.version < 4 ? 'NONE' : '';
    if (context.version < 4) return found(context, keyType, only, noError);
    return {
      coordinators: coordinatorKeys.map((key) => ({ key, ...found(context, keyType, key, noError) })),
    };
  },
  { leftOut: 'coordinators of share groups' },
);

function found(context: RequestContext, keyType: number, key: string, noError: string) {
  const none = { nodeId: -1, host: '', port: -1 };
  if (keyType !== GROUP && keyType !== TRANSACTION) {
    const errorMessage = `coordinators of type ${keyType} are not supported`;
    return { ...none, errorCode: codeOf('INVALID_REQUEST'), errorMessage };
  }
  const coordinator = context.broker.nodes.coordinatorOf(key);
  const endpoint = servingPeers(context).find(({ nodeId }) => nodeId === coordinator);
  if (!endpoint) return { ...none, errorCode: codeOf('COORDINATOR_NOT_AVAILABLE'), errorMessage: null };
  const { nodeId, host, port } = endpoint;
  return { nodeId, host, port, errorCode: 0, errorMessage: noError };
}
