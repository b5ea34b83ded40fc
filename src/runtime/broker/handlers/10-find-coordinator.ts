import { codeOf, findCoordinator } from '../../protocol/index.ts';
import { handler } from './handler.ts';

const GROUP = 0;

/** FindCoordinator 0–6, in batches from 4: this broker, at the listener's own address. Left out: transactions, share groups. */
export const findCoordinatorHandler = handler(
  findCoordinator,
  (request, { broker, endpoint, version }) => {
    const isGroup = request.keyType === GROUP;
    const errorMessage = isGroup ? null : `coordinators of type ${request.keyType} are not supported`;
    const answer = isGroup
      ? { nodeId: broker.nodeId, host: endpoint.host, port: endpoint.port, errorCode: 0, errorMessage }
      : { nodeId: -1, host: '', port: -1, errorCode: codeOf('INVALID_REQUEST'), errorMessage };
    return version < 4
      ? answer
      : { coordinators: request.coordinatorKeys.map((key) => ({ key, ...answer })) };
  },
  { leftOut: 'coordinators of transactions and of share groups' },
);
