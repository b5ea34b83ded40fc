import type { ConsumerMember } from './member.ts';
import { difference, filter, intersection, NO_PARTITIONS, type Partitions, union } from './partitions.ts';

export interface Target {
  readonly epoch: number;
  readonly partitions: Partitions;
  /** Somebody else still has it. */
  isHeldByOther(topicId: string, partition: number): boolean;
}

type Next = Pick<ConsumerMember, 'epoch' | 'state' | 'assigned' | 'revoking'>;

/**
 * The member's next step towards its target (KIP-848): first it gives back what it is not to have, then it takes what is
 * free, at last what others have given back. Null: no step to make. `owned` is what the member says it has.
 */
export function nextStep(member: ConsumerMember, owned: Partitions | null, target: Target): Next | null {
  const { state, epoch, assigned, revoking } = member;
  if (state === 'unrevoked' && (owned === null || intersection(owned, revoking).size > 0)) return null;
  if (state === 'stable' && epoch === target.epoch) return null;
  const kept = intersection(assigned, target.partitions);
  const surplus = difference(assigned, target.partitions);
  // A member that says it has none of them need not give them back.
  if (surplus.size > 0 && (owned === null || intersection(owned, surplus).size > 0)) {
    return { epoch, state: 'unrevoked', assigned: kept, revoking: surplus };
  }
  const wanted = difference(target.partitions, kept);
  const free = filter(wanted, (topicId, partition) => !target.isHeldByOther(topicId, partition));
  return {
    epoch: target.epoch,
    state: difference(wanted, free).size > 0 ? 'unreleased' : 'stable',
    assigned: union(kept, free),
    revoking: NO_PARTITIONS,
  };
}
