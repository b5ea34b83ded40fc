import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const alterConfigs = defineApi({
  key: 33,
  name: 'AlterConfigs',
  versions: '0-2',
  flexible: '2+',
  request: {
    resources: t.array({
      resourceType: t.int8(),
      resourceName: t.string(),
      configs: t.array({ name: t.string(), value: t.string({ nullable: '0+' }) }),
    }),
    validateOnly: t.boolean(),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    responses: t.array({
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: '0+', default: null }),
      resourceType: t.int8(),
      resourceName: t.string(),
    }),
  },
});
