import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const expireDelegationToken = defineApi({
  key: 40,
  name: 'ExpireDelegationToken',
  versions: '1-2',
  flexible: '2+',
  request: {
    hmac: t.bytes(),
    expiryTimePeriodMs: t.int64(),
  },
  response: {
    errorCode: t.int16(),
    expiryTimestampMs: t.int64({ default: -1 }),
    throttleTimeMs: t.int32({ default: 0 }),
  },
});
