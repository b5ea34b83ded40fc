import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const joinGroup = defineApi({
  key: 11,
  name: 'JoinGroup',
  versions: '0-9',
  flexible: '6+',
  request: {
    groupId: t.string(),
    sessionTimeoutMs: t.int32(),
    rebalanceTimeoutMs: t.int32({ versions: '1+', default: -1 }),
    memberId: t.string(),
    groupInstanceId: t.string({ versions: '5+', nullable: '5+', default: null }),
    protocolType: t.string(),
    protocols: t.array({ name: t.string(), metadata: t.bytes() }),
    reason: t.string({ versions: '8+', nullable: '8+', default: null }),
  },
  response: {
    throttleTimeMs: t.int32({ versions: '2+' }),
    errorCode: t.int16(),
    generationId: t.int32({ default: -1 }),
    protocolType: t.string({ versions: '7+', nullable: '7+', default: null }),
    protocolName: t.string({ nullable: '7+' }),
    leader: t.string(),
    skipAssignment: t.boolean({ versions: '9+' }),
    memberId: t.string(),
    members: t.array({
      memberId: t.string(),
      groupInstanceId: t.string({ versions: '5+', nullable: '5+', default: null }),
      metadata: t.bytes(),
    }),
  },
});
