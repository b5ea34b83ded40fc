import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const addOffsetsToTxn = defineApi({
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: '0-4',
  flexible: '3+',
  request: {
    transactionalId: t.string(),
    producerId: t.int64(),
    producerEpoch: t.int16(),
    groupId: t.string(),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16(),
  },
});
