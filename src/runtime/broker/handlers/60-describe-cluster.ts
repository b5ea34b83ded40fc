import { codeOf, describeCluster } from '../../protocol/index.ts';
import { authorizedOperations } from './authorized-operations.ts';
import { handler } from './handler.ts';

const BROKERS = 1;
const CONTROLLERS = 2;

/** DescribeCluster 0–2: this broker at the listener's own address. Left out: controllers as an endpoint of their own. */
export const describeClusterHandler = handler(
  describeCluster,
  (request, { broker, endpoint }) => {
    if (request.endpointType !== BROKERS) {
      const error =
        request.endpointType === CONTROLLERS ? 'MISMATCHED_ENDPOINT_TYPE' : 'UNSUPPORTED_ENDPOINT_TYPE';
      const errorMessage = `This is an endpoint of brokers, not of type ${request.endpointType}.`;
      return { errorCode: codeOf(error), errorMessage, clusterId: '', brokers: [] };
    }
    return {
      errorCode: 0,
      clusterId: broker.clusterId,
      controllerId: broker.nodeId,
      clusterAuthorizedOperations: authorizedOperations(
        'cluster',
        request.includeClusterAuthorizedOperations,
      ),
      brokers: [{ brokerId: broker.nodeId, host: endpoint.host, port: endpoint.port }],
    };
  },
  { leftOut: 'controllers as an endpoint of their own (KIP-919)' },
);
