import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const alterPartitionReassignments = defineApi({
  key: 45,
  name: 'AlterPartitionReassignments',
  versions: '0-1',
  flexible: '0+',
  request: {
    timeoutMs: t.int32({ default: 60_000 }),
    allowReplicationFactorChange: t.boolean({ versions: '1+', default: true }),
    topics: t.array({
      name: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        /** The preferred leader first; null takes back what is under way. */
        replicas: t.array(t.int32(), { nullable: '0+', default: null }),
      }),
    }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    allowReplicationFactorChange: t.boolean({ versions: '1+', default: true }),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: '0+', default: null }),
    responses: t.array({
      name: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: '0+', default: null }),
      }),
    }),
  },
});
