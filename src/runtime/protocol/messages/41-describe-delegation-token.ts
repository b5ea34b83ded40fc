import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const describeDelegationToken = defineApi({
  key: 41,
  name: 'DescribeDelegationToken',
  versions: '1-3',
  flexible: '2+',
  request: {
    owners: t.array(
      {
        principalType: t.string(),
        principalName: t.string(),
      },
      { nullable: '0+' },
    ),
  },
  response: {
    errorCode: t.int16(),
    tokens: t.array({
      principalType: t.string(),
      principalName: t.string(),
      tokenRequesterPrincipalType: t.string({ versions: '3+' }),
      tokenRequesterPrincipalName: t.string({ versions: '3+' }),
      issueTimestamp: t.int64(),
      expiryTimestamp: t.int64(),
      maxTimestamp: t.int64(),
      tokenId: t.string(),
      hmac: t.bytes(),
      renewers: t.array({
        principalType: t.string(),
        principalName: t.string(),
      }),
    }),
    throttleTimeMs: t.int32({ default: 0 }),
  },
});
