import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const describeUserScramCredentials = defineApi({
  key: 50,
  name: 'DescribeUserScramCredentials',
  versions: '0-0',
  flexible: '0+',
  request: {
    users: t.array(
      {
        name: t.string(),
      },
      { nullable: '0+' },
    ),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: '0+', default: null }),
    results: t.array({
      user: t.string(),
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: '0+', default: null }),
      credentialInfos: t.array({
        mechanism: t.int8(),
        iterations: t.int32(),
      }),
    }),
  },
});
