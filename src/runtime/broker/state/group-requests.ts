import { randomUUID } from 'node:crypto';
import type { Candidate } from './group-member.ts';

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

export interface CommitRequest {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
  /** -1: the broker's. */
  readonly retentionTimeMs: number;
}

export const newMemberId = ({ groupInstanceId, clientId }: Candidate): string =>
  `${groupInstanceId ?? clientId}-${randomUUID()}`;
