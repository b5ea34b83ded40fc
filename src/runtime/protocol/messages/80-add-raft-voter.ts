import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const addRaftVoter = defineApi({
  key: 80,
  name: 'AddRaftVoter',
  versions: '0-1',
  flexible: '0+',
  request: {
    clusterId: t.string({ nullable: '0+' }),
    timeoutMs: t.int32(),
    voterId: t.int32(),
    voterDirectoryId: t.uuid(),
    listeners: t.array({
      name: t.string(),
      host: t.string(),
      port: t.uint16(),
    }),
    ackWhenCommitted: t.boolean({ versions: '1+', default: true }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: '0+', default: null }),
  },
});
