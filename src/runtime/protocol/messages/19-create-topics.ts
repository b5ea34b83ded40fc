import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const createTopics = defineApi({
  key: 19,
  name: 'CreateTopics',
  versions: '0-7',
  flexible: '5+',
  request: {
    topics: t.array({
      name: t.string(),
      /** -1 asks for the broker's default, or goes with assignments. */
      numPartitions: t.int32(),
      replicationFactor: t.int16(),
      assignments: t.array({ partitionIndex: t.int32(), brokerIds: t.array(t.int32()) }, { default: [] }),
      configs: t.array({ name: t.string(), value: t.string({ nullable: '0+' }) }, { default: [] }),
    }),
    timeoutMs: t.int32({ default: 60_000 }),
    validateOnly: t.boolean({ versions: '1+' }),
  },
  response: {
    throttleTimeMs: t.int32({ versions: '2+' }),
    topics: t.array({
      name: t.string(),
      topicId: t.uuid({ versions: '7+' }),
      errorCode: t.int16(),
      errorMessage: t.string({ versions: '1+', nullable: '1+', default: null }),
      topicConfigErrorCode: t.int16({ versions: '5+', tag: 0, default: 0 }),
      numPartitions: t.int32({ versions: '5+', default: -1 }),
      replicationFactor: t.int16({ versions: '5+', default: -1 }),
      configs: t.array(
        {
          name: t.string(),
          value: t.string({ nullable: '5+' }),
          readOnly: t.boolean(),
          configSource: t.int8({ default: -1 }),
          isSensitive: t.boolean(),
        },
        { versions: '5+', nullable: '5+', default: [] },
      ),
    }),
  },
});
