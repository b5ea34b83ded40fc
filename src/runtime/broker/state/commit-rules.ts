import type { KafkaErrorName } from '../../protocol/index.ts';
import { ConsumerGroup } from './consumer-group/group.ts';
import type { Group } from './group.ts';
import type { CommitRequest } from './group-requests.ts';

const saysWho = ({ memberId, groupInstanceId, generationId }: CommitRequest): boolean =>
  generationId >= 0 || memberId !== '' || groupInstanceId !== null;

/** Why nothing of the request may be committed in the group; null when it may. */
export function commitProblem(
  group: Group | ConsumerGroup | undefined,
  commit: CommitRequest,
): KafkaErrorName | null {
  const { memberId, groupInstanceId, generationId } = commit;
  if (group instanceof ConsumerGroup) return group.memberProblem(memberId, generationId);
  if (!group) return generationId >= 0 ? 'ILLEGAL_GENERATION' : null;
  // A client that assigns partitions to itself and only keeps offsets here.
  if (generationId < 0 && group.state === 'Empty') return null;
  if (!saysWho(commit)) return 'UNKNOWN_MEMBER_ID';
  const problem = group.memberProblem(memberId, groupInstanceId, generationId);
  if (problem) return problem;
  group.touch(memberId);
  return group.state === 'CompletingRebalance' ? 'REBALANCE_IN_PROGRESS' : null;
}

/** The same within a transaction: who doesn't say what member it is may commit beside the members (KIP-447). */
export function transactionalCommitProblem(
  group: Group | ConsumerGroup | undefined,
  commit: CommitRequest,
): KafkaErrorName | null {
  const { memberId, groupInstanceId, generationId } = commit;
  if (!saysWho(commit)) return null;
  if (group instanceof ConsumerGroup) return group.memberProblem(memberId, generationId);
  if (!group) return generationId >= 0 ? 'ILLEGAL_GENERATION' : null;
  if (generationId < 0 && group.state === 'Empty') return null;
  return group.memberProblem(memberId, groupInstanceId, generationId);
}
