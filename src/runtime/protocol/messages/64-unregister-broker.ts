import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const unregisterBroker = defineApi({
  key: 64,
  name: 'UnregisterBroker',
  versions: '0-0',
  flexible: '0+',
  request: {
    brokerId: t.int32(),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: '0+', default: null }),
  },
});
