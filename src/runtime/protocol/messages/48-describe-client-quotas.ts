import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const describeClientQuotas = defineApi({
  key: 48,
  name: 'DescribeClientQuotas',
  versions: '0-1',
  flexible: '1+',
  request: {
    components: t.array({
      entityType: t.string(),
      /** 0 by name, 1 the default entity, 2 any. */
      matchType: t.int8(),
      match: t.string({ nullable: '0+' }),
    }),
    strict: t.boolean(),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: '0+', default: null }),
    entries: t.array(
      {
        entity: t.array({
          entityType: t.string(),
          entityName: t.string({ nullable: '0+' }),
        }),
        values: t.array({
          key: t.string(),
          value: t.float64(),
        }),
      },
      { nullable: '0+' },
    ),
  },
});
