import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const alterUserScramCredentials = defineApi({
  key: 51,
  name: 'AlterUserScramCredentials',
  versions: '0-0',
  flexible: '0+',
  request: {
    deletions: t.array({
      name: t.string(),
      mechanism: t.int8(),
    }),
    upsertions: t.array({
      name: t.string(),
      /** 1 SCRAM-SHA-256, 2 SCRAM-SHA-512. */
      mechanism: t.int8(),
      iterations: t.int32(),
      salt: t.bytes(),
      saltedPassword: t.bytes(),
    }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    results: t.array({
      user: t.string(),
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: '0+', default: null }),
    }),
  },
});
