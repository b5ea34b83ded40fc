import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const listTransactions = defineApi({
  key: 66,
  name: 'ListTransactions',
  versions: '0-2',
  flexible: '0+',
  request: {
    /** Empty filters let all through. */
    stateFilters: t.array(t.string()),
    producerIdFilters: t.array(t.int64()),
    /** Only transactions that are open for longer, ms; below 0: all. */
    durationFilter: t.int64({ versions: '1+', default: -1 }),
    /** A regular expression that the whole id has to match. */
    transactionalIdPattern: t.string({ versions: '2+', nullable: '2+', default: null }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16(),
    unknownStateFilters: t.array(t.string()),
    transactionStates: t.array({
      transactionalId: t.string(),
      producerId: t.int64(),
      transactionState: t.string(),
    }),
  },
});
