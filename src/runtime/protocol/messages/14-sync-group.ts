import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const syncGroup = defineApi({
  key: 14,
  name: 'SyncGroup',
  versions: '0-5',
  flexible: '4+',
  request: {
    groupId: t.string(),
    generationId: t.int32(),
    memberId: t.string(),
    groupInstanceId: t.string({ versions: '3+', nullable: '3+', default: null }),
    protocolType: t.string({ versions: '5+', nullable: '5+', default: null }),
    protocolName: t.string({ versions: '5+', nullable: '5+', default: null }),
    assignments: t.array({ memberId: t.string(), assignment: t.bytes() }),
  },
  response: {
    throttleTimeMs: t.int32({ versions: '1+' }),
    errorCode: t.int16(),
    protocolType: t.string({ versions: '5+', nullable: '5+', default: null }),
    protocolName: t.string({ versions: '5+', nullable: '5+', default: null }),
    assignment: t.bytes(),
  },
});
