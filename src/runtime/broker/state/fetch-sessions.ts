import { randomInt } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import type { Configs } from './configs.ts';

/** A session that nobody used for so long gives way to any other (Kafka's MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS). */
const EVICTION_MS = 120_000;
const NO_SESSION = 0;
const INITIAL_EPOCH = 0;
const FINAL_EPOCH = -1;
const MAX_INT32 = 0x7fffffff;

/** What a fetch asks of one partition and, in a session, what the client was last told of it. */
export interface AskedPartition {
  topic: string;
  topicId: string;
  partition: number;
  fetchOffset: number;
  partitionMaxBytes: number;
  currentLeaderEpoch: number;
  lastFetchedEpoch: number;
  /** -1: nothing yet, or an error. */
  highWatermark: number;
  /** -1: nothing yet. */
  logStartOffset: number;
}

/** The partitions of one client, kept so that its fetches name only what changes (KIP-227). */
export class FetchSession {
  readonly id: number;
  readonly usesTopicIds: boolean;
  readonly createdAtMs: number;
  /** In the order in which they are read: those that gave records go to the end. */
  readonly partitions: Map<string, AskedPartition>;
  /** That the next fetch must have. */
  epoch = 1;
  usedAtMs: number;

  constructor(id: number, partitions: Map<string, AskedPartition>, usesTopicIds: boolean, nowMs: number) {
    this.id = id;
    this.partitions = partitions;
    this.usesTopicIds = usesTopicIds;
    this.createdAtMs = nowMs;
    this.usedAtMs = nowMs;
  }

  change(added: readonly AskedPartition[], forgotten: readonly PartitionName[]): void {
    for (const asked of added) {
      const key = keyOf(asked);
      const known = this.partitions.get(key);
      if (known) askAnew(known, asked);
      else this.partitions.set(key, asked);
    }
    for (const name of forgotten) this.partitions.delete(keyOf(name));
  }

  /** One that gave records is read after the others next time. */
  moveToEnd(asked: AskedPartition): void {
    if (this.partitions.size === 1) return;
    const key = keyOf(asked);
    if (this.partitions.delete(key)) this.partitions.set(key, asked);
  }
}

type PartitionName = Pick<AskedPartition, 'topic' | 'topicId' | 'partition'>;
const keyOf = ({ topic, topicId, partition }: PartitionName) => `${topicId}/${topic}/${partition}`;

/** What the client was told stays. Field by field: this is done for every fetch. */
function askAnew(known: AskedPartition, asked: AskedPartition): void {
  known.fetchOffset = asked.fetchOffset;
  known.partitionMaxBytes = asked.partitionMaxBytes;
  known.currentLeaderEpoch = asked.currentLeaderEpoch;
  known.lastFetchedEpoch = asked.lastFetchedEpoch;
}

export interface SessionRequest {
  sessionId: number;
  sessionEpoch: number;
  usesTopicIds: boolean;
  partitions: readonly AskedPartition[];
  forgotten: readonly PartitionName[];
}

export type SessionError =
  | 'FETCH_SESSION_ID_NOT_FOUND'
  | 'INVALID_FETCH_SESSION_EPOCH'
  | 'FETCH_SESSION_TOPIC_ID_ERROR';

/** What one fetch reads: all that it names, or what its session has. */
export type FetchContext =
  | { readonly kind: 'sessionless'; readonly partitions: readonly AskedPartition[] }
  /** Asks for a session; it gets one if there is room when the answer is there. */
  | {
      readonly kind: 'opening';
      readonly partitions: Map<string, AskedPartition>;
      readonly usesTopicIds: boolean;
    }
  | { readonly kind: 'incremental'; readonly session: FetchSession; readonly epoch: number };

/**
 * The fetch sessions of all clients (KIP-227), as many as `max.incremental.fetch.session.cache.slots`. They belong to no
 * connection: who knows id and epoch goes on. A client for which there is no room fetches without one.
 */
export class FetchSessions {
  readonly #configs: Configs;
  readonly #clock: Clock;
  /** The one that is unused for longest first. */
  readonly #sessions = new Map<number, FetchSession>();

  constructor(configs: Configs, clock: Clock) {
    this.#configs = configs;
    this.#clock = clock;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Finds out what a fetch is to read, and changes its session accordingly. */
  enter({
    sessionId,
    sessionEpoch,
    usesTopicIds,
    partitions,
    forgotten,
  }: SessionRequest): FetchContext | SessionError {
    if (sessionEpoch === INITIAL_EPOCH || sessionEpoch === FINAL_EPOCH) {
      if (sessionId !== NO_SESSION) this.#sessions.delete(sessionId);
      if (sessionEpoch === FINAL_EPOCH) return { kind: 'sessionless', partitions };
      return {
        kind: 'opening',
        partitions: new Map(partitions.map((asked) => [keyOf(asked), asked])),
        usesTopicIds,
      };
    }
    const session = this.#sessions.get(sessionId);
    if (!session) return 'FETCH_SESSION_ID_NOT_FOUND';
    if (session.epoch !== sessionEpoch) return 'INVALID_FETCH_SESSION_EPOCH';
    if (session.usesTopicIds !== usesTopicIds) return 'FETCH_SESSION_TOPIC_ID_ERROR';
    session.change(partitions, forgotten);
    this.#sessions.delete(sessionId);
    if (session.partitions.size === 0) return { kind: 'sessionless', partitions: [] };
    session.usedAtMs = this.#clock.monotonic();
    session.epoch = sessionEpoch === MAX_INT32 ? 1 : sessionEpoch + 1;
    this.#sessions.set(sessionId, session);
    return { kind: 'incremental', session, epoch: session.epoch };
  }

  /** A session with these partitions, or null where there is no room for it. */
  open(partitions: Map<string, AskedPartition>, usesTopicIds: boolean): FetchSession | null {
    const nowMs = this.#clock.monotonic();
    if (!this.#hasRoom(partitions.size, nowMs)) return null;
    const session = new FetchSession(this.#newId(), partitions, usesTopicIds, nowMs);
    this.#sessions.set(session.id, session);
    return session;
  }

  #newId(): number {
    for (;;) {
      const id = randomInt(1, MAX_INT32);
      if (!this.#sessions.has(id)) return id;
    }
  }

  /** A larger session may take the place of one that is smaller and not young, anyone that of one that is unused. */
  #hasRoom(size: number, nowMs: number): boolean {
    const slots = this.#configs.number('max.incremental.fetch.session.cache.slots');
    if (this.#sessions.size < slots) return true;
    const [unused] = this.#sessions.values();
    if (!unused) return false;
    if (nowMs - unused.usedAtMs > EVICTION_MS) return this.#sessions.delete(unused.id);
    let smallest: FetchSession | null = null;
    for (const session of this.#sessions.values()) {
      const isOld = nowMs - session.createdAtMs > EVICTION_MS;
      if (isOld && session.partitions.size < (smallest?.partitions.size ?? size)) smallest = session;
    }
    return smallest !== null && this.#sessions.delete(smallest.id);
  }
}
