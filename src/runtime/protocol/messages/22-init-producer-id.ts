import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const initProducerId = defineApi({
  key: 22,
  name: 'InitProducerId',
  versions: '0-5',
  flexible: '2+',
  request: {
    transactionalId: t.string({ nullable: '0+', default: null }),
    transactionTimeoutMs: t.int32(),
    /** From version 3 (KIP-360): the id and epoch to go on from. */
    producerId: t.int64({ versions: '3+', default: -1 }),
    producerEpoch: t.int16({ versions: '3+', default: -1 }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16(),
    producerId: t.int64({ default: -1 }),
    producerEpoch: t.int16(),
  },
});
