import { codeOf, heartbeat } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** Heartbeat 0–4. */
export const heartbeatHandler = handler(
  heartbeat,
  ({ groupId, memberId, groupInstanceId, generationId }, { broker }) => ({
    errorCode: codeOf(broker.groups.heartbeat(groupId, memberId, groupInstanceId, generationId)),
  }),
);
