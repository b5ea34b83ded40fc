import { codeOf, syncGroup } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** SyncGroup 0–5: the leader brings the assignments, everybody takes its own. */
export const syncGroupHandler = handler(syncGroup, async ({ groupId, ...request }, { broker }) => {
  const { error, ...answer } = await broker.groups.sync(groupId, request);
  return { errorCode: codeOf(error), ...answer };
});
