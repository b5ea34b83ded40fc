import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const deleteTopics = defineApi({
  key: 20,
  name: 'DeleteTopics',
  versions: '0-6',
  flexible: '4+',
  request: {
    topics: t.array(
      { name: t.string({ nullable: '6+', default: null }), topicId: t.uuid({ default: t.NIL_UUID }) },
      { versions: '6+' },
    ),
    topicNames: t.array(t.string(), { versions: '0-5' }),
    timeoutMs: t.int32(),
  },
  response: {
    throttleTimeMs: t.int32({ versions: '1+' }),
    responses: t.array({
      name: t.string({ nullable: '6+' }),
      topicId: t.uuid({ versions: '6+' }),
      errorCode: t.int16(),
      errorMessage: t.string({ versions: '5+', nullable: '5+', default: null }),
    }),
  },
});
