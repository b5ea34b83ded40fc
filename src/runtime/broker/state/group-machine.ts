/** States of a group under the classic protocol (kafka.coordinator.group.GroupState). */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

const next: Readonly<Record<GroupState, readonly GroupState[]>> = {
  Empty: ['PreparingRebalance', 'Dead'],
  PreparingRebalance: ['CompletingRebalance', 'Empty', 'Dead'],
  CompletingRebalance: ['Stable', 'PreparingRebalance', 'Dead'],
  Stable: ['PreparingRebalance', 'Dead'],
  Dead: [],
};

/** Returns `to`; throws when the table does not have the step, which is our bug. */
export function transition(from: GroupState, to: GroupState): GroupState {
  if (!next[from].includes(to)) throw new Error(`a group cannot go from ${from} to ${to}`);
  return to;
}
