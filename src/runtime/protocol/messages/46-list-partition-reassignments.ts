import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const listPartitionReassignments = defineApi({
  key: 46,
  name: 'ListPartitionReassignments',
  versions: '0',
  flexible: '0+',
  request: {
    timeoutMs: t.int32({ default: 60_000 }),
    /** null asks for all. */
    topics: t.array(
      { name: t.string(), partitionIndexes: t.array(t.int32()) },
      { nullable: '0+', default: null },
    ),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: '0+', default: null }),
    topics: t.array({
      name: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        replicas: t.array(t.int32()),
        addingReplicas: t.array(t.int32()),
        removingReplicas: t.array(t.int32()),
      }),
    }),
  },
});
