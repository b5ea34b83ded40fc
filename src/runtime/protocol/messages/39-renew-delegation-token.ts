import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const renewDelegationToken = defineApi({
  key: 39,
  name: 'RenewDelegationToken',
  versions: '1-2',
  flexible: '2+',
  request: {
    hmac: t.bytes(),
    renewPeriodMs: t.int64(),
  },
  response: {
    errorCode: t.int16(),
    expiryTimestampMs: t.int64({ default: -1 }),
    throttleTimeMs: t.int32({ default: 0 }),
  },
});
