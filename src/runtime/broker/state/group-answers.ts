import type { KafkaErrorName } from '../../protocol/index.ts';
import type { Member } from './group-member.ts';
import type { GroupRounds } from './group-rounds.ts';

export interface JoinAnswer {
  error: KafkaErrorName;
  memberId: string;
  generationId: number;
  protocolType: string | null;
  protocolName: string | null;
  leader: string;
  skipAssignment: boolean;
  /** Only for the leader. */
  members: { memberId: string; groupInstanceId: string | null; metadata: Buffer }[];
}

export interface SyncAnswer {
  error: KafkaErrorName;
  protocolType: string | null;
  protocolName: string | null;
  assignment: Buffer;
}

export const NO_BYTES = Buffer.alloc(0);

/** The leader alone is told who the members are. */
export function acceptedJoin(group: GroupRounds, member: Member): JoinAnswer {
  const { generationId, protocolType, protocolName, leaderId, members } = group;
  const told = member.id === leaderId ? [...members.values()] : [];
  return {
    ...{ error: 'NONE', memberId: member.id, generationId, protocolType, protocolName },
    ...{ leader: leaderId!, skipAssignment: false },
    members: told.map((each) => ({
      memberId: each.id,
      groupInstanceId: each.groupInstanceId,
      metadata: each.metadataOf(protocolName),
    })),
  };
}

export function refusedJoin(error: KafkaErrorName, memberId: string): JoinAnswer {
  return {
    error,
    memberId,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    skipAssignment: false,
    members: [],
  };
}

export function refusedSync(error: KafkaErrorName): SyncAnswer {
  return { error, protocolType: null, protocolName: null, assignment: NO_BYTES };
}
