import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const deleteRecords = defineApi({
  key: 21,
  name: 'DeleteRecords',
  versions: '0-2',
  flexible: '2+',
  request: {
    topics: t.array({
      name: t.string(),
      /** -1 deletes up to the high watermark. */
      partitions: t.array({ partitionIndex: t.int32(), offset: t.int64() }),
    }),
    timeoutMs: t.int32(),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    topics: t.array({
      name: t.string(),
      partitions: t.array({ partitionIndex: t.int32(), lowWatermark: t.int64(), errorCode: t.int16() }),
    }),
  },
});
