import type { BrokerState } from './broker-state.ts';
import type { Leadership } from './leadership.ts';
import type { PartitionLog } from './partition-log.ts';

type Changes = Pick<BrokerState, 'topics' | 'nodes' | 'configs'>;

/** The node leads nothing any more; the next replica of each ISR does, in a new epoch. */
export function stopNode(state: Changes, node: number): void {
  state.nodes.mark(node, false);
  changeLeaders(state, allOf(state), (leadership, endOffset) => leadership.nodeStopped(node, endOffset));
}

/** The node is in the ISR of its partitions again, and leads those whose preferred leader it is. */
export function startNode(state: Changes, node: number): void {
  const { isUp } = state.nodes;
  state.nodes.mark(node, true);
  const isRebalanced = state.configs.boolean('auto.leader.rebalance.enable');
  changeLeaders(state, allOf(state), (leadership, endOffset) => {
    const isChanged = leadership.nodeStarted(node, isUp, endOffset);
    if (isChanged && isRebalanced) leadership.electPreferred(endOffset, isUp);
    return isChanged;
  });
}

/** Lets partitions change, and keeps and tells what has. */
export function changeLeaders(
  { topics }: Pick<Changes, 'topics'>,
  logs: readonly PartitionLog[],
  change: (leadership: Leadership, endOffset: number) => boolean,
): void {
  const changed = logs.filter((log) => change(log.leadership, log.log.nextOffset));
  if (changed.length === 0) return;
  topics.saveLeaders();
  for (const log of changed) log.wakeListeners();
}

const allOf = ({ topics }: Changes): PartitionLog[] => topics.all().flatMap(({ partitions }) => partitions);
