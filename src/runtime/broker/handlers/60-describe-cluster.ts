import { codeOf, describeCluster } from '../../protocol/index.ts';
import { handler } from './handler.ts';

const BROKERS = 1;

/** DescribeCluster 0–2: this broker at the listener's own address. Left out: controllers as an endpoint of their own. */
export const describeClusterHandler = handler(
  describeCluster,
  (request, { broker, endpoint }) => {
    if (request.endpointType !== BROKERS) {
      return { errorCode: codeOf('MISMATCHED_ENDPOINT_TYPE'), clusterId: broker.clusterId, brokers: [] };
    }
    return {
      errorCode: 0,
      clusterId: broker.clusterId,
      controllerId: broker.nodeId,
      brokers: [{ brokerId: broker.nodeId, host: endpoint.host, port: endpoint.port }],
    };
  },
  { leftOut: 'controllers as an endpoint of their own (KIP-919)' },
);
