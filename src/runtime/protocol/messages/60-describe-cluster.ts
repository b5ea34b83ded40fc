import { defineApi } from '../api.ts';
import * as t from '../fields.ts';
import { NO_AUTHORIZED_OPERATIONS } from './shared.ts';

export const describeCluster = defineApi({
  key: 60,
  name: 'DescribeCluster',
  versions: '0-2',
  flexible: '0+',
  request: {
    includeClusterAuthorizedOperations: t.boolean(),
    /** 1 brokers, 2 controllers. */
    endpointType: t.int8({ versions: '1+', default: 1 }),
    includeFencedBrokers: t.boolean({ versions: '2+' }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: '0+', default: null }),
    endpointType: t.int8({ versions: '1+', default: 1 }),
    clusterId: t.string(),
    controllerId: t.int32({ default: -1 }),
    brokers: t.array({
      brokerId: t.int32(),
      host: t.string(),
      port: t.int32(),
      rack: t.string({ nullable: '0+', default: null }),
      isFenced: t.boolean({ versions: '2+' }),
    }),
    clusterAuthorizedOperations: t.int32({ default: NO_AUTHORIZED_OPERATIONS }),
  },
});
