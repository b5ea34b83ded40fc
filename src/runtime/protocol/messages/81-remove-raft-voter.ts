import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const removeRaftVoter = defineApi({
  key: 81,
  name: 'RemoveRaftVoter',
  versions: '0-0',
  flexible: '0+',
  request: {
    clusterId: t.string({ nullable: '0+' }),
    voterId: t.int32(),
    voterDirectoryId: t.uuid(),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: '0+', default: null }),
  },
});
