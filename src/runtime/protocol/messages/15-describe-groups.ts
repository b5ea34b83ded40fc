import { defineApi } from '../api.ts';
import * as t from '../fields.ts';
import { NO_AUTHORIZED_OPERATIONS } from './shared.ts';

export const describeGroups = defineApi({
  key: 15,
  name: 'DescribeGroups',
  versions: '0-6',
  flexible: '5+',
  request: {
    groups: t.array(t.string()),
    includeAuthorizedOperations: t.boolean({ versions: '3+' }),
  },
  response: {
    throttleTimeMs: t.int32({ versions: '1+' }),
    groups: t.array({
      errorCode: t.int16(),
      errorMessage: t.string({ versions: '6+', nullable: '6+', default: null }),
      groupId: t.string(),
      groupState: t.string(),
      protocolType: t.string(),
      protocolData: t.string(),
      members: t.array({
        memberId: t.string(),
        groupInstanceId: t.string({ versions: '4+', nullable: '4+', default: null }),
        clientId: t.string(),
        clientHost: t.string(),
        memberMetadata: t.bytes(),
        memberAssignment: t.bytes(),
      }),
      authorizedOperations: t.int32({ versions: '3+', default: NO_AUTHORIZED_OPERATIONS }),
    }),
  },
});
