import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const saslAuthenticate = defineApi({
  key: 36,
  name: 'SaslAuthenticate',
  versions: '0-2',
  flexible: '2+',
  request: { authBytes: t.bytes() },
  response: {
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: '0+', default: null }),
    authBytes: t.bytes(),
    /** From version 1 (KIP-368): the connection ends after so long, unless it authenticates again. 0 for never. */
    sessionLifetimeMs: t.int64({ versions: '1+', default: 0 }),
  },
});
