import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const describeLogDirs = defineApi({
  key: 35,
  name: 'DescribeLogDirs',
  versions: '0-5',
  flexible: '2+',
  request: {
    /** null asks for all topics. */
    topics: t.array({ topic: t.string(), partitions: t.array(t.int32()) }, { nullable: '0+' }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16({ versions: '3+' }),
    results: t.array({
      errorCode: t.int16(),
      logDir: t.string(),
      topics: t.array({
        name: t.string(),
        partitions: t.array({
          partitionIndex: t.int32(),
          partitionSize: t.int64(),
          offsetLag: t.int64(),
          isFutureKey: t.boolean(),
        }),
      }),
      totalBytes: t.int64({ versions: '4+', default: -1 }),
      usableBytes: t.int64({ versions: '4+', default: -1 }),
      isCordoned: t.boolean({ versions: '5+', default: false }),
    }),
  },
});
