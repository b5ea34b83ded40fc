import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const createPartitions = defineApi({
  key: 37,
  name: 'CreatePartitions',
  versions: '0-3',
  flexible: '2+',
  request: {
    topics: t.array({
      name: t.string(),
      count: t.int32(),
      assignments: t.array({ brokerIds: t.array(t.int32()) }, { nullable: '0+', default: null }),
    }),
    timeoutMs: t.int32(),
    validateOnly: t.boolean(),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    results: t.array({
      name: t.string(),
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: '0+', default: null }),
    }),
  },
});
