import { codeOf, syncGroup } from '../../protocol/index.ts';
import { handler } from './handler.ts';

const NOTHING = Buffer.alloc(0);

/** SyncGroup 0–5: the leader brings the assignments, everybody takes its own. */
export const syncGroupHandler = handler(syncGroup, async ({ groupId, ...request }, { broker, version }) => {
  const isComplete = request.protocolType !== null && request.protocolName !== null;
  if (version >= 5 && !isComplete)
    return { errorCode: codeOf('INCONSISTENT_GROUP_PROTOCOL'), assignment: NOTHING };
  const { error, ...answer } = await broker.groups.sync(groupId, request);
  return { errorCode: codeOf(error), ...answer };
});
