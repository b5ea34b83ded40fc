import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const endTxn = defineApi({
  key: 26,
  name: 'EndTxn',
  versions: '0-5',
  flexible: '3+',
  request: {
    transactionalId: t.string(),
    producerId: t.int64(),
    producerEpoch: t.int16(),
    /** False aborts. */
    committed: t.boolean(),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16(),
    /** From version 5 (KIP-890): what the producer goes on with. */
    producerId: t.int64({ versions: '5+', default: -1 }),
    producerEpoch: t.int16({ versions: '5+', default: -1 }),
  },
});
