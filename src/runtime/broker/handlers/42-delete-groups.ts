import { codeOf, deleteGroups } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** DeleteGroups 0–3: groups without members, and their offsets. */
export const deleteGroupsHandler = handler(deleteGroups, ({ groupsNames }, { broker }) => ({
  results: groupsNames.map((groupId) => ({ groupId, errorCode: codeOf(broker.groups.delete(groupId)) })),
}));
