import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const deleteGroups = defineApi({
  key: 42,
  name: 'DeleteGroups',
  versions: '0-3',
  flexible: '2+',
  request: { groupsNames: t.array(t.string()) },
  response: {
    throttleTimeMs: t.int32({ default: 0 }),
    results: t.array({
      groupId: t.string(),
      errorCode: t.int16(),
      errorMessage: t.string({ versions: '3+', nullable: '3+', default: null }),
    }),
  },
});
