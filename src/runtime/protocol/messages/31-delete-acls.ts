import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const deleteAcls = defineApi({
  key: 31,
  name: 'DeleteAcls',
  versions: '1-3',
  flexible: '2+',
  request: {
    filters: t.array({
      resourceTypeFilter: t.int8(),
      resourceNameFilter: t.string({ nullable: '0+' }),
      patternTypeFilter: t.int8({ default: 3 }),
      principalFilter: t.string({ nullable: '0+' }),
      hostFilter: t.string({ nullable: '0+' }),
      operation: t.int8(),
      permissionType: t.int8(),
    }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    filterResults: t.array({
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: '0+', default: null }),
      matchingAcls: t.array({
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: '0+', default: null }),
        resourceType: t.int8(),
        resourceName: t.string(),
        patternType: t.int8({ default: 3 }),
        principal: t.string(),
        host: t.string(),
        operation: t.int8(),
        permissionType: t.int8(),
      }),
    }),
  },
});
