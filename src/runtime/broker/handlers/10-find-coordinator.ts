import { codeOf, findCoordinator } from '../../protocol/index.ts';
import { handler } from './handler.ts';

const GROUP = 0;
const TRANSACTION = 1;

/** FindCoordinator 0–6, in batches from 4: this broker, at the listener's own address. Left out: share groups. */
export const findCoordinatorHandler = handler(
  findCoordinator,
  (request, { broker, endpoint, version }) => {
    const isKnown = request.keyType === GROUP || request.keyType === TRANSACTION;
    const errorMessage = isKnown ? null : `coordinators of type ${request.keyType} are not supported`;
    const answer = isKnown
      ? { nodeId: broker.nodeId, host: endpoint.host, port: endpoint.port, errorCode: 0, errorMessage }
      : { nodeId: -1, host: '', port: -1, errorCode: codeOf('INVALID_REQUEST'), errorMessage };
    return version < 4
      ? answer
      : { coordinators: request.coordinatorKeys.map((key) => ({ key, ...answer })) };
  },
  { leftOut: 'coordinators of share groups' },
);
