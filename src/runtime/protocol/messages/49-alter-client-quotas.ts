import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const alterClientQuotas = defineApi({
  key: 49,
  name: 'AlterClientQuotas',
  versions: '0-1',
  flexible: '1+',
  request: {
    entries: t.array({
      entity: t.array({
        entityType: t.string(),
        entityName: t.string({ nullable: '0+' }),
      }),
      ops: t.array({
        key: t.string(),
        value: t.float64(),
        remove: t.boolean(),
      }),
    }),
    validateOnly: t.boolean(),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    entries: t.array({
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: '0+', default: null }),
      entity: t.array({
        entityType: t.string(),
        entityName: t.string({ nullable: '0+' }),
      }),
    }),
  },
});
