import { codeOf, joinGroup } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/**
 * JoinGroup 0–9, classic protocol: member ids up front from 4 (KIP-394), static members from 5
 * (KIP-345), which need not assign again from 9 (KIP-814).
 */
export const joinGroupHandler = handler(
  joinGroup,
  async (request, { broker, version, clientId, clientHost }) => {
    const { sessionTimeoutMs, rebalanceTimeoutMs, memberId, groupInstanceId, protocolType, protocols } =
      request;
    const { error, ...answer } = await broker.groups.join(request.groupId, {
      memberId,
      groupInstanceId,
      clientId,
      clientHost,
      sessionTimeoutMs,
      // Version 0 has one timeout for both.
      rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
      protocolType,
      protocols,
      requireKnownId: version >= 4,
      canSkipAssignment: version >= 9,
    });
    return { errorCode: codeOf(error), ...answer };
  },
);
