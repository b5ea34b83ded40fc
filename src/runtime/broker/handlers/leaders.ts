import type { Leadership } from '../state/leadership.ts';
import { type RequestContext, servingPeers } from './handler.ts';

/** Where a client that went to the wrong node finds the leaders it was told of (KIP-951). */
export const leaderEndpoints = (context: RequestContext, leaders: ReadonlySet<number> | null) =>
  leaders === null
    ? []
    : servingPeers(context)
        .filter(({ nodeId }) => leaders.has(nodeId))
        .map(({ nodeId, host, port }) => ({ nodeId, host, port }));

/** A partition as Metadata and DescribeTopicPartitions tell it. */
export function toldLeadership(
  { leader, epoch, replicas, isr }: Leadership,
  { nodes }: RequestContext['broker'],
) {
  return {
    leaderId: leader,
    leaderEpoch: epoch,
    replicaNodes: [...replicas],
    isrNodes: [...isr],
    offlineReplicas: replicas.filter((id) => !nodes.isUp(id)),
  };
}
