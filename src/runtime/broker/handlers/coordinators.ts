import {
  type Api,
  addOffsetsToTxn,
  addPartitionsToTxn,
  consumerGroupHeartbeat,
  endTxn,
  heartbeat,
  initProducerId,
  joinGroup,
  type KafkaErrorName,
  leaveGroup,
  offsetCommit,
  offsetDelete,
  offsetFetch,
  syncGroup,
  txnOffsetCommit,
} from '../../protocol/index.ts';
import type { RequestContext } from './handler.ts';

/** Requests about one group or transactional id, which its coordinator alone answers; by API key, with the last such version. */
const ofGroups = new Map([
  ...[offsetCommit, joinGroup, heartbeat, leaveGroup, syncGroup].map(lastVersion),
  ...[txnOffsetCommit, offsetDelete, consumerGroupHeartbeat].map(lastVersion),
  [offsetFetch.key, 7],
]);
const ofTransactions = new Map([
  ...[initProducerId, addOffsetsToTxn, endTxn].map(lastVersion),
  [addPartitionsToTxn.key, 3],
]);

function lastVersion({ key, maxVersion }: Pick<Api, 'key' | 'maxVersion'>): [number, number] {
  return [key, maxVersion];
}

/** Whether the request as a whole is for the coordinator, and this node is another one. */
export function misses(context: RequestContext, { key: api }: Pick<Api, 'key'>, request: unknown): boolean {
  if (context.broker.nodes.ids.length === 1) return false;
  const { groupId, transactionalId } = request as Record<string, string | null>;
  const isOf = (versions: ReadonlyMap<number, number>) => context.version <= (versions.get(api) ?? -1);
  const key = isOf(ofGroups) ? groupId : isOf(ofTransactions) ? transactionalId : null;
  return key !== null && key !== undefined && !coordinates(context, key);
}

/** Whether this node takes care of a group or transactional id. */
export const coordinates = ({ broker, endpoint }: RequestContext, key: string): boolean =>
  broker.nodes.coordinatorOf(key) === endpoint.nodeId;

/** What is told of a single one where it does not; null where it does. */
export const coordinatorProblem = (context: RequestContext, key: string): KafkaErrorName | null =>
  coordinates(context, key) ? null : 'NOT_COORDINATOR';
