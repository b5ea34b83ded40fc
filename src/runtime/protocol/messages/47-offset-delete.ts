import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const offsetDelete = defineApi({
  key: 47,
  name: 'OffsetDelete',
  versions: '0',
  request: {
    groupId: t.string(),
    topics: t.array({ name: t.string(), partitions: t.array({ partitionIndex: t.int32() }) }),
  },
  response: {
    errorCode: t.int16(),
    throttleTimeMs: t.int32({ default: 0 }),
    topics: t.array({
      name: t.string(),
      partitions: t.array({ partitionIndex: t.int32(), errorCode: t.int16() }),
    }),
  },
});
