import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const createDelegationToken = defineApi({
  key: 38,
  name: 'CreateDelegationToken',
  versions: '1-3',
  flexible: '2+',
  request: {
    ownerPrincipalType: t.string({ versions: '3+', nullable: '3+' }),
    ownerPrincipalName: t.string({ versions: '3+', nullable: '3+' }),
    renewers: t.array({
      principalType: t.string(),
      principalName: t.string(),
    }),
    maxLifetimeMs: t.int64(),
  },
  response: {
    errorCode: t.int16(),
    principalType: t.string({ default: '' }),
    principalName: t.string({ default: '' }),
    tokenRequesterPrincipalType: t.string({ versions: '3+' }),
    tokenRequesterPrincipalName: t.string({ versions: '3+' }),
    issueTimestampMs: t.int64({ default: -1 }),
    expiryTimestampMs: t.int64({ default: -1 }),
    maxTimestampMs: t.int64({ default: -1 }),
    tokenId: t.string({ default: '' }),
    hmac: t.bytes({ default: Buffer.alloc(0) }),
    throttleTimeMs: t.int32({ default: 0 }),
  },
});
