import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const alterReplicaLogDirs = defineApi({
  key: 34,
  name: 'AlterReplicaLogDirs',
  versions: '1-2',
  flexible: '2+',
  request: {
    dirs: t.array({
      path: t.string(),
      topics: t.array({
        name: t.string(),
        partitions: t.array(t.int32()),
      }),
    }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    results: t.array({
      topicName: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        errorCode: t.int16(),
      }),
    }),
  },
});
