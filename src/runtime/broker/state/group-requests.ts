import { randomUUID } from 'node:crypto';
import type { KafkaErrorName } from '../../protocol/index.ts';
import type { Group } from './group.ts';
import { type Candidate, type JoinAnswer, type Member, NO_BYTES, type SyncAnswer } from './group-member.ts';

export interface JoinRequest extends Candidate {
  readonly memberId: string;
  /** KIP-394: a new member first gets an id and has to come again with it. */
  readonly requireKnownId: boolean;
  /** KIP-814: a static leader that comes back is told the members, and that it need not assign. */
  readonly canSkipAssignment: boolean;
}

export interface SyncRequest {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignments: readonly { memberId: string; assignment: Buffer }[];
}

export const newMemberId = ({ groupInstanceId, clientId }: Candidate): string =>
  `${groupInstanceId ?? clientId}-${randomUUID()}`;

/** The leader alone is told who the members are. */
export function acceptedJoin(group: Group, member: Member): JoinAnswer {
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
