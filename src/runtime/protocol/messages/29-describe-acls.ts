import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

/** Numbers of ResourceType, PatternType, AclOperation and AclPermissionType of Kafka's clients. */
export const describeAcls = defineApi({
  key: 29,
  name: 'DescribeAcls',
  versions: '1-3',
  flexible: '2+',
  request: {
    resourceTypeFilter: t.int8(),
    resourceNameFilter: t.string({ nullable: '0+' }),
    patternTypeFilter: t.int8({ default: 3 }),
    principalFilter: t.string({ nullable: '0+' }),
    hostFilter: t.string({ nullable: '0+' }),
    operation: t.int8(),
    permissionType: t.int8(),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: '0+', default: null }),
    resources: t.array({
      resourceType: t.int8(),
      resourceName: t.string(),
      patternType: t.int8({ default: 3 }),
      acls: t.array({
        principal: t.string(),
        host: t.string(),
        operation: t.int8(),
        permissionType: t.int8(),
      }),
    }),
  },
});
