import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const listGroups = defineApi({
  key: 16,
  name: 'ListGroups',
  versions: '0-5',
  flexible: '3+',
  request: {
    statesFilter: t.array(t.string(), { versions: '4+' }),
    typesFilter: t.array(t.string(), { versions: '5+' }),
  },
  response: {
    throttleTimeMs: t.int32({ versions: '1+' }),
    errorCode: t.int16(),
    groups: t.array({
      groupId: t.string(),
      protocolType: t.string(),
      groupState: t.string({ versions: '4+' }),
      groupType: t.string({ versions: '5+' }),
    }),
  },
});
