import { codeOf, describeCluster } from '../../protocol/index.ts';
import { authorizedOperations } from './authorized-operations.ts';
import { handler } from './handler.ts';

const BROKERS = 1;
const CONTROLLERS = 2;

/** DescribeCluster 0–2: every node at the address of the client's listener, from 2 on also those that are stopped. Left out: controllers as an endpoint of their own. */
export const describeClusterHandler = handler(
  describeCluster,
  (request, { broker, peers }) => {
    if (request.endpointType !== BROKERS) {
      const error =
        request.endpointType === CONTROLLERS ? 'MISMATCHED_ENDPOINT_TYPE' : 'UNSUPPORTED_ENDPOINT_TYPE';
      const errorMessage = `This is an endpoint of brokers, not of type ${request.endpointType}.`;
      return { errorCode: codeOf(error), errorMessage, clusterId: '', brokers: [] };
    }
    return {
      errorCode: 0,
      clusterId: broker.clusterId,
      controllerId: broker.nodes.controller,
      clusterAuthorizedOperations: authorizedOperations(
        'cluster',
        request.includeClusterAuthorizedOperations,
      ),
      brokers: peers()
        .map(({ nodeId, host, port }) => ({
          ...{ brokerId: nodeId, host, port },
          isFenced: !broker.nodes.isUp(nodeId),
        }))
        .filter(({ isFenced }) => !isFenced || request.includeFencedBrokers),
    };
  },
  { leftOut: 'controllers as an endpoint of their own (KIP-919)' },
);
