import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

/** org.apache.kafka.clients.admin.AlterConfigOp.OpType */
export const CONFIG_OPERATION_SET = 0;
export const CONFIG_OPERATION_DELETE = 1;
export const CONFIG_OPERATION_APPEND = 2;
export const CONFIG_OPERATION_SUBTRACT = 3;

export const incrementalAlterConfigs = defineApi({
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: '0-1',
  flexible: '1+',
  request: {
    resources: t.array({
      resourceType: t.int8(),
      resourceName: t.string(),
      configs: t.array({
        name: t.string(),
        configOperation: t.int8(),
        value: t.string({ nullable: '0+' }),
      }),
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
