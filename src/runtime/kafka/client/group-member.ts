import { DdsError } from '../../../errors/index.ts';
import {
  CONSUMER_PROTOCOL,
  heartbeat,
  joinGroup,
  kafkaErrorName,
  leaveGroup,
  offsetCommit,
  type ResponseOf,
  readAssignment,
  readSubscription,
  syncGroup,
  writeAssignment,
  writeSubscription,
} from '../../protocol/index.ts';
import type {
  CommittedOffset,
  GroupAssignment,
  GroupGeneration,
  GroupMembership,
  GroupOptions,
  TopicPartition,
} from '../port.ts';
import type { BrokerLink } from './broker-link.ts';
import { byTopic } from './by-topic.ts';
import { type Cluster, isRetriable } from './cluster.ts';
import type { Connection } from './connection.ts';
import { isUnreachable, kafkaError, partitionsLost, tellsLoss } from './errors.ts';
import { committedPositions, LAST_COMMIT_BY_NAME } from './offsets.ts';

type JoinAnswer = ResponseOf<typeof joinGroup>;

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1000;

class Generation implements GroupGeneration {
  readonly id: number;
  readonly memberId: string;
  readonly partitions: readonly TopicPartition[];
  readonly userData: Buffer;
  isLost = false;
  readonly #ended = new AbortController();

  constructor(id: number, memberId: string, assignment: Buffer) {
    const { partitions, userData } = readAssignment(assignment);
    this.id = id;
    this.memberId = memberId;
    this.partitions = partitions;
    this.userData = userData;
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  end(isLost: boolean): void {
    this.isLost ||= isLost;
    this.#ended.abort();
  }
}

/**
 * A member of a consumer group under the classic, eager protocol (ConsumerCoordinator, AbstractCoordinator). It has a
 * connection of its own: a join waits at the broker for the others, and nobody else may wait with it.
 */
export class EagerMember implements GroupMembership {
  readonly #cluster: Cluster;
  readonly #options: Required<GroupOptions>;
  #link: BrokerLink | null = null;
  #memberId = '';
  #generation: Generation | null = null;
  #beating: { stop: AbortController; done: Promise<void> } | null = null;
  #closed = false;

  constructor(cluster: Cluster, options: GroupOptions) {
    const sessionTimeoutMs = options.sessionTimeoutMs ?? 45_000;
    this.#cluster = cluster;
    cluster.parts.add(this);
    this.#options = {
      ...options,
      sessionTimeoutMs,
      rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 60_000,
      heartbeatIntervalMs: options.heartbeatIntervalMs ?? Math.min(3000, sessionTimeoutMs / 3),
    };
  }

  async join(signal: AbortSignal): Promise<GroupGeneration> {
    await this.#stopBeating();
    this.#generation = null;
    const onAbort = () => this.#forgetCoordinator();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
        signal.throwIfAborted();
        try {
          const generation = await this.#attempt();
          if (!generation) continue;
          this.#generation = generation;
          this.#beat(generation);
          return generation;
        } catch (error) {
          if (signal.aborted) throw signal.reason;
          if (this.#closed || !this.#isPassing(error)) throw error;
          await this.#cluster.clock.sleep(pause, signal);
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** One JoinGroup and SyncGroup; null when the group began anew meanwhile. */
  async #attempt(): Promise<Generation | null> {
    const { groupId, topics, assignor, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options;
    const connection = await this.#connection();
    const joined = await connection.request(
      joinGroup,
      {
        ...{ groupId, sessionTimeoutMs, rebalanceTimeoutMs, memberId: this.#memberId },
        protocolType: CONSUMER_PROTOCOL,
        protocols: [{ name: assignor.name, metadata: writeSubscription(topics, assignor.userData()) }],
      },
      // Version 9 would let a static leader skip the assignment.
      { maxVersion: 8, extraTimeoutMs: rebalanceTimeoutMs },
    );
    if (kafkaErrorName(joined.errorCode) === 'MEMBER_ID_REQUIRED') this.#memberId = joined.memberId;
    if (this.#beginsAnew(joined.errorCode)) return null;
    if (joined.errorCode) throw kafkaError(joined.errorCode, `joining group ${groupId}`);
    this.#memberId = joined.memberId;

    const assignments = joined.leader === joined.memberId ? await this.#assign(joined) : new Map();
    const synced = await connection.request(
      syncGroup,
      {
        ...{ groupId, generationId: joined.generationId, memberId: joined.memberId },
        ...{ protocolType: CONSUMER_PROTOCOL, protocolName: assignor.name },
        assignments: [...assignments].map(([memberId, { partitions, userData }]) => ({
          memberId,
          assignment: writeAssignment(partitions, userData ?? Buffer.alloc(0)),
        })),
      },
      { extraTimeoutMs: rebalanceTimeoutMs },
    );
    if (this.#beginsAnew(synced.errorCode)) return null;
    if (synced.errorCode) throw kafkaError(synced.errorCode, `joining group ${groupId}`);
    return new Generation(joined.generationId, joined.memberId, synced.assignment);
  }

  #assign({ members }: JoinAnswer): Promise<Map<string, GroupAssignment>> {
    return this.#options.assignor.assign(
      members.map(({ memberId, metadata }) => ({ memberId, ...readSubscription(metadata) })),
    );
  }

  /** True when joining has to begin anew at once, as somebody else where this member is no longer known. */
  #beginsAnew(code: number): boolean {
    const name = kafkaErrorName(code);
    if (name === 'UNKNOWN_MEMBER_ID') this.#memberId = '';
    return (
      name === 'MEMBER_ID_REQUIRED' ||
      name === 'UNKNOWN_MEMBER_ID' ||
      name === 'ILLEGAL_GENERATION' ||
      name === 'REBALANCE_IN_PROGRESS'
    );
  }

  #beat(generation: Generation): void {
    const stop = new AbortController();
    this.#beating = { stop, done: this.#beatUntil(stop.signal, generation) };
  }

  /** Goes on after the generation ended: a member that is silent while it finishes its work would be put out. */
  async #beatUntil(stop: AbortSignal, generation: Generation): Promise<void> {
    const { groupId, heartbeatIntervalMs } = this.#options;
    while (!generation.isLost) {
      await this.#cluster.clock.sleep(heartbeatIntervalMs, stop);
      if (stop.aborted) return;
      try {
        const connection = await this.#connection();
        const { id: generationId, memberId } = generation;
        const { errorCode } = await connection.request(heartbeat, { groupId, generationId, memberId });
        const name = kafkaErrorName(errorCode);
        if (name === 'REBALANCE_IN_PROGRESS') generation.end(false);
        else if (tellsLoss(name)) generation.end(true);
        else if (errorCode) throw kafkaError(errorCode, `heartbeat in group ${groupId}`);
      } catch (error) {
        // A coordinator that is away is looked for with the next one; anything else ends what we hold.
        if (!this.#isPassing(error)) generation.end(true);
      }
    }
  }

  async #stopBeating(): Promise<void> {
    const beating = this.#beating;
    this.#beating = null;
    beating?.stop.abort();
    await beating?.done;
  }

  committed(
    partitions: readonly TopicPartition[],
    { stableUntil }: { stableUntil?: AbortSignal } = {},
  ): Promise<CommittedOffset[]> {
    return committedPositions(this.#cluster, this.#options.groupId, partitions, stableUntil);
  }

  async commit(offsets: readonly CommittedOffset[]): Promise<void> {
    const { clock, requestTimeoutMs } = this.#cluster;
    const generation = this.#generation;
    if (!generation || generation.isLost) throw partitionsLost(this.#options.groupId, 'UNKNOWN_MEMBER_ID');
    if (offsets.length === 0) return;
    const deadline = clock.monotonic() + requestTimeoutMs;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
      try {
        await this.#commitOnce(generation, offsets);
        return;
      } catch (error) {
        if (!this.#isPassing(error) || this.#closed || clock.monotonic() + pause > deadline) throw error;
        await clock.sleep(pause);
      }
    }
  }

  async #commitOnce(generation: Generation, offsets: readonly CommittedOffset[]): Promise<void> {
    const { groupId } = this.#options;
    const connection = await this.#connection();
    const topics = byTopic(offsets, ({ partition, offset, metadata }) => ({
      ...{ partitionIndex: partition, committedOffset: offset, committedMetadata: metadata },
    }));
    const body = {
      groupId,
      generationIdOrMemberEpoch: generation.id,
      memberId: generation.memberId,
      topics: topics.map(([name, partitions]) => ({ name, partitions })),
    };
    const answer = await connection.request(offsetCommit, body, { maxVersion: LAST_COMMIT_BY_NAME });
    for (const { name, partitions } of answer.topics) {
      for (const { partitionIndex, errorCode } of partitions) {
        if (errorCode === 0) continue;
        const kafka = kafkaErrorName(errorCode);
        // While others already wait for their part, the old generation may no longer commit.
        if (tellsLoss(kafka) || kafka === 'REBALANCE_IN_PROGRESS') {
          generation.end(true);
          throw partitionsLost(groupId, kafka);
        }
        throw kafkaError(errorCode, `committing ${name}/${partitionIndex} for group ${groupId}`);
      }
    }
  }

  async leave(): Promise<void> {
    await this.#stopBeating();
    const { groupId } = this.#options;
    const memberId = this.#memberId;
    this.#generation?.end(true);
    this.#memberId = '';
    try {
      if (memberId === '' || this.#closed) return;
      // Not over our own connection: a join may still wait there.
      const connection = await this.#cluster.coordinator(groupId);
      await connection.request(leaveGroup, { groupId, memberId, members: [{ memberId }] });
    } catch {
      // The session then ends by itself.
    } finally {
      this.close();
    }
  }

  async #connection(): Promise<Connection> {
    if (this.#closed) throw new DdsError('DDS_BUG', 'the group member is closed');
    if (!this.#link) {
      const nodeId = await this.#cluster.coordinatorId(this.#options.groupId);
      this.#link ??= this.#cluster.link(nodeId);
    }
    return this.#link.connection(true);
  }

  /** An error that passes, by looking for the coordinator again. */
  #isPassing(error: unknown): boolean {
    if (!isUnreachable(error) && !isRetriable(error)) return false;
    this.#forgetCoordinator();
    return true;
  }

  #forgetCoordinator(): void {
    this.#link?.close();
    this.#link = null;
  }

  /** Ends it without a word to anybody. */
  close(): void {
    this.#closed = true;
    this.#cluster.parts.delete(this);
    this.#beating?.stop.abort();
    this.#forgetCoordinator();
  }
}
