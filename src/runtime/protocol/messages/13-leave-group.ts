import { defineApi } from '../api.ts';
import * as t from '../fields.ts';

export const leaveGroup = defineApi({
  key: 13,
  name: 'LeaveGroup',
  versions: '0-5',
  flexible: '4+',
  request: {
    groupId: t.string(),
    memberId: t.string({ versions: '0-2' }),
    members: t.array(
      {
        memberId: t.string(),
        groupInstanceId: t.string({ nullable: '3+', default: null }),
        reason: t.string({ versions: '5+', nullable: '5+', default: null }),
      },
      { versions: '3+' },
    ),
  },
  response: {
    throttleTimeMs: t.int32({ versions: '1+' }),
    errorCode: t.int16(),
    members: t.array(
      {
        memberId: t.string(),
        groupInstanceId: t.string({ nullable: '3+', default: null }),
        errorCode: t.int16(),
      },
      { versions: '3+' },
    ),
  },
});
