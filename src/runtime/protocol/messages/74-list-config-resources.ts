import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const listConfigResources = defineApi({
  key: 74,
  name: 'ListConfigResources',
  versions: '0-1',
  flexible: '0+',
  request: {
    resourceTypes: t.array(t.int8(), { versions: '1+' }),
  },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    errorCode: t.int16(),
    configResources: t.array({
      resourceName: t.string(),
      resourceType: t.int8({ versions: '1+', default: 16 }),
    }),
  },
});
