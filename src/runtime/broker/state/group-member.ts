import type { KafkaErrorName } from '../../protocol/index.ts';
import { type JoinAnswer, NO_BYTES, refusedJoin, refusedSync, type SyncAnswer } from './group-answers.ts';

export interface MemberProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

/** What a client says of itself when it joins. */
export interface Candidate {
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly MemberProtocol[];
}

/** A copy: what a request brings is a view into its frame. */
export const kept = (protocols: readonly MemberProtocol[]): MemberProtocol[] =>
  protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) }));

export class Member {
  readonly id: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: MemberProtocol[];
  assignment: Buffer = NO_BYTES;
  /** Set while the member waits for the answer to its JoinGroup or SyncGroup. */
  join: ((answer: JoinAnswer) => void) | null = null;
  sync: ((answer: SyncAnswer) => void) | null = null;
  #session: NodeJS.Timeout | null = null;

  constructor(id: string, candidate: Candidate) {
    this.id = id;
    this.groupInstanceId = candidate.groupInstanceId;
    this.clientId = candidate.clientId;
    this.clientHost = candidate.clientHost;
    this.sessionTimeoutMs = candidate.sessionTimeoutMs;
    this.rebalanceTimeoutMs = candidate.rebalanceTimeoutMs;
    this.protocols = kept(candidate.protocols);
  }

  update(candidate: Candidate): void {
    this.sessionTimeoutMs = candidate.sessionTimeoutMs;
    this.rebalanceTimeoutMs = candidate.rebalanceTimeoutMs;
    this.protocols = kept(candidate.protocols);
  }

  hasProtocols(protocols: readonly MemberProtocol[]): boolean {
    return (
      protocols.length === this.protocols.length &&
      protocols.every(({ name, metadata }, i) => {
        const own = this.protocols[i]!;
        return own.name === name && own.metadata.equals(metadata);
      })
    );
  }

  metadataOf(protocol: string | null): Buffer {
    return this.protocols.find(({ name }) => name === protocol)?.metadata ?? NO_BYTES;
  }

  /** Starts the session anew. A member that waits for our answer cannot send heartbeats and does not expire. */
  touch(onExpired: () => void): void {
    clearTimeout(this.#session ?? undefined);
    this.#session = setTimeout(() => {
      if (this.join || this.sync) this.touch(onExpired);
      else onExpired();
    }, this.sessionTimeoutMs);
    this.#session.unref();
  }

  answerJoin(answer: JoinAnswer): void {
    this.join?.(answer);
    this.join = null;
  }

  answerSync(answer: SyncAnswer): void {
    this.sync?.(answer);
    this.sync = null;
  }

  /** Whatever it waits for comes to nothing. */
  refuse(error: KafkaErrorName): void {
    this.answerJoin(refusedJoin(error, this.id));
    this.answerSync(refusedSync(error));
  }

  endSession(): void {
    clearTimeout(this.#session ?? undefined);
    this.#session = null;
  }
}
