import { codeOf, deleteGroups } from '../../protocol/index.ts';
import { coordinatorProblem } from './coordinators.ts';
import { handler } from './handler.ts';

/** DeleteGroups 0–3: groups without members, and their offsets. */
export const deleteGroupsHandler = handler(deleteGroups, ({ groupsNames }, context) => ({
  results: groupsNames.map((groupId) => {
    const error = coordinatorProblem(context, groupId) ?? context.broker.groups.delete(groupId);
    return { groupId, errorCode: codeOf(error) };
  }),
}));
