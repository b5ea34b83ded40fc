import { codeOf, leaveGroup } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** LeaveGroup 0–5: one member, or several and by instance id from 3. */
export const leaveGroupHandler = handler(
  leaveGroup,
  ({ groupId, memberId, members }, { broker, version }) => {
    if (groupId === '') return { errorCode: codeOf('INVALID_GROUP_ID') };
    if (version < 3) return { errorCode: codeOf(broker.groups.leave(groupId, memberId, null)) };
    return {
      errorCode: 0,
      members: members.map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        errorCode: codeOf(broker.groups.leave(groupId, member.memberId, member.groupInstanceId)),
      })),
    };
  },
);
