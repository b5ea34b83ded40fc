import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const findCoordinator = defineApi({
  key: 10,
  name: 'FindCoordinator',
  versions: '0-6',
  flexible: '3+',
  request: {
    key: t.string({ versions: '0-3' }),
    /** 0 group, 1 transaction, 2 share group. */
    keyType: t.int8({ versions: '1+' }),
    coordinatorKeys: t.array(t.string(), { versions: '4+' }),
  },
  response: {
    throttleTimeMs: t.int32({ versions: '1+' }),
    errorCode: t.int16({ versions: '0-3' }),
    errorMessage: t.string({ versions: '1-3', nullable: '1-3', default: null }),
    nodeId: t.int32({ versions: '0-3' }),
    host: t.string({ versions: '0-3' }),
    port: t.int32({ versions: '0-3' }),
    coordinators: t.array(
      {
        key: t.string(),
        nodeId: t.int32(),
        host: t.string(),
        port: t.int32(),
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: '4+', default: null }),
      },
      { versions: '4+' },
    ),
  },
});
