import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const createAcls = defineApi({
  key: 30,
  name: 'CreateAcls',
  versions: '1-3',
  flexible: '2+',
  request: {
    creations: t.array({
      resourceType: t.int8(),
      resourceName: t.string(),
      resourcePatternType: t.int8({ default: 3 }),
      principal: t.string(),
      host: t.string(),
      operation: t.int8(),
      permissionType: t.int8(),
    }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    results: t.array({
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: '0+', default: null }),
    }),
  },
});
