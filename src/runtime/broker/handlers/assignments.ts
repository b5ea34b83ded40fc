import type { BrokerState } from '../state/broker-state.ts';
import type { Problem } from '../state/topic-rules.ts';

/** What is wrong with the replicas of partitions that a client has chosen; null when nothing is. */
export function assignmentProblem(
  { nodes }: BrokerState,
  assignments: readonly (readonly number[])[],
): Problem | null {
  const problem = (message: string): Problem => ({ error: 'INVALID_REPLICA_ASSIGNMENT', message });
  for (const replicas of assignments) {
    if (replicas.length === 0) return problem('A partition needs a replica.');
    if (new Set(replicas).size < replicas.length) return problem(`Replicas ${replicas} name a node twice.`);
    if (replicas.length !== assignments[0]!.length)
      return problem('All partitions need the same number of replicas.');
    const unknown = replicas.find((id) => !nodes.ids.includes(id));
    if (unknown !== undefined) return problem(`There is no node ${unknown}, only ${nodes.ids.join(', ')}.`);
    if (!replicas.some(nodes.isUp)) return problem(`All of nodes ${replicas} are stopped.`);
  }
  return null;
}
