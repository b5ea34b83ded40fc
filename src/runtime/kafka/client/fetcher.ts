import { DdsError } from '../../../errors/index.ts';
import { codeOf, kafkaErrorEntry } from '../../protocol/index.ts';
import type { FetchedPartition, Fetcher, FetcherOptions, FetchProblem, FetchResult } from '../port.ts';
import { type Asked, type Assignment, Assignments, partitionName } from './assignments.ts';
import type { Cluster } from './cluster.ts';
import { kafkaError } from './errors.ts';
import { type FetchAnswer, FetchLanes } from './fetch-lanes.ts';
import { readFetched } from './fetched.ts';

type PartitionAnswer = FetchAnswer['responses'][number]['partitions'][number];

const RETRY_PAUSE_MS = 100;
const NO_RESULT: FetchResult = { partitions: [], problems: [] };

/** Long-polls every broker that leads an assigned partition, with the next request under way while the caller works. */
export class PartitionFetcher implements Fetcher {
  readonly #cluster: Cluster;
  readonly #options: Required<FetcherOptions>;
  readonly #assignments = new Assignments();
  readonly #lanes: FetchLanes;
  #problems: FetchProblem[] = [];
  #metadataFailure: Error | null = null;
  #refreshing = false;
  #wake: (() => void) | null = null;
  #isPolling = false;
  #closed = false;

  constructor(cluster: Cluster, options: FetcherOptions = {}) {
    this.#cluster = cluster;
    cluster.parts.add(this);
    this.#options = {
      maxWaitMs: options.maxWaitMs ?? 500,
      minBytes: options.minBytes ?? 1,
      maxPartitionBytes: options.maxPartitionBytes ?? 1024 * 1024,
      maxBytes: options.maxBytes ?? 8 * 1024 * 1024,
      isolation: options.isolation ?? 'read_committed',
    };
    this.#lanes = new FetchLanes(cluster, this.#options, {
      onNews: () => this.#wake?.(),
      // An earlier refresh may have failed, and with a broker back there is no reason for another one.
      onConnected: () => {
        this.#metadataFailure = null;
      },
      onLost: () => this.#refresh(),
    });
  }

  seek(topic: string, partition: number, offset: number): void {
    this.#assignments.seek(topic, partition, offset);
    if (this.#isPolling) this.#ask();
  }

  remove(topic: string, partition: number): void {
    this.#assignments.remove(topic, partition);
  }

  pause(topic: string, partition: number): void {
    const assignment = this.#assignments.get(topic, partition);
    if (assignment) assignment.isPaused = true;
  }

  resume(topic: string, partition: number): void {
    const assignment = this.#assignments.get(topic, partition);
    if (!assignment) return;
    assignment.isPaused = false;
    if (this.#isPolling) this.#ask();
  }

  position(topic: string, partition: number): number | undefined {
    return this.#assignments.get(topic, partition)?.position;
  }

  get unreachable(): Error | null {
    return this.#lanes.unreachable ?? this.#metadataFailure;
  }

  async poll(waitMs: number, signal?: AbortSignal): Promise<FetchResult> {
    if (this.#isPolling) throw new DdsError('DDS_BUG', 'two polls of one fetcher at a time');
    this.#isPolling = true;
    const deadline = this.#cluster.clock.monotonic() + waitMs;
    try {
      for (;;) {
        const result = this.#collect();
        this.#ask();
        if (result.partitions.length > 0 || result.problems.length > 0) return result;
        const left = deadline - this.#cluster.clock.monotonic();
        if (left <= 0 || signal?.aborted || this.#closed) return NO_RESULT;
        await this.#woken(left, signal);
      }
    } finally {
      this.#isPolling = false;
    }
  }

  /** Resolves when something arrived, after `waitMs`, or when the signal aborts. */
  #woken(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      signal?.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }

  /** Sends a request to every broker that leads something to fetch and has none under way. */
  #ask(): void {
    if (this.#closed) return;
    const nowMs = this.#cluster.clock.monotonic();
    const byNode = new Map<number, Assignment[]>();
    let isLeaderless = false;
    let pauseMs = Number.POSITIVE_INFINITY;
    const leaders = new Set<number>();
    for (const assignment of this.#assignments.all()) {
      const leader = this.#cluster.leader(assignment.topic, assignment.partition);
      leaders.add(leader);
      if (assignment.isPaused || assignment.isHalted) continue;
      if (assignment.notBeforeMs > nowMs) {
        pauseMs = Math.min(pauseMs, assignment.notBeforeMs - nowMs);
        continue;
      }
      if (leader < 0) isLeaderless = true;
      else if (byNode.has(leader)) byNode.get(leader)!.push(assignment);
      else byNode.set(leader, [assignment]);
    }
    if (isLeaderless) this.#refresh();
    if (pauseMs < Number.POSITIVE_INFINITY) setTimeout(() => this.#wake?.(), pauseMs);
    this.#lanes.keep(leaders);
    for (const [nodeId, assignments] of byNode) this.#lanes.ask(nodeId, assignments);
  }

  /** Takes what the brokers have answered since the last poll. */
  #collect(): FetchResult {
    const partitions: FetchedPartition[] = [];
    for (const { asked, response } of this.#lanes.answers()) {
      if (response.errorCode !== 0) this.#delay(asked.values());
      for (const { topic, partitions: answers } of response.responses) {
        for (const answer of answers) {
          const question = asked.get(partitionName(topic, answer.partitionIndex));
          if (question && this.#assignments.isCurrent(question)) this.#take(question, answer, partitions);
        }
      }
    }
    const problems = this.#problems;
    this.#problems = [];
    return { partitions, problems };
  }

  #take({ assignment }: Asked, answer: PartitionAnswer, into: FetchedPartition[]): void {
    const { errorCode } = answer;
    if (errorCode !== 0) {
      this.#onError(assignment, errorCode);
      return;
    }
    if (answer.records === null || answer.records.length === 0) return;
    const fetched = readFetched(
      assignment,
      answer,
      answer.records,
      this.#options.isolation === 'read_committed',
    );
    if (fetched.problem) this.#report(assignment, 'corrupt', fetched.problem);
    if (!fetched.partition) return;
    this.#assignments.advance(assignment, fetched.partition.nextOffset);
    into.push(fetched.partition);
  }

  #onError(assignment: Assignment, code: number): void {
    const error = kafkaError(
      code,
      `fetching ${assignment.topic}/${assignment.partition} at ${assignment.position}`,
    );
    if (code === codeOf('OFFSET_OUT_OF_RANGE')) this.#report(assignment, 'out-of-range', error);
    else if (kafkaErrorEntry(code).retriable && code !== codeOf('CORRUPT_MESSAGE')) {
      // Also an unknown topic: only fresh metadata tells whether it is gone.
      this.#delay([{ assignment, offset: assignment.position }]);
      this.#refresh();
    } else this.#report(assignment, code === codeOf('CORRUPT_MESSAGE') ? 'corrupt' : 'error', error);
  }

  #report(assignment: Assignment, kind: FetchProblem['kind'], error: Error): void {
    assignment.isHalted = true;
    const { topic, partition, position } = assignment;
    this.#problems.push({ topic, partition, kind, fetchOffset: position, error });
  }

  #delay(asked: Iterable<Asked>): void {
    const notBeforeMs = this.#cluster.clock.monotonic() + RETRY_PAUSE_MS;
    for (const { assignment } of asked) assignment.notBeforeMs = notBeforeMs;
  }

  /** Asks who leads the assigned partitions; what the cluster no longer has becomes a problem. */
  #refresh(): void {
    if (this.#refreshing || this.#closed) return;
    this.#refreshing = true;
    const asked = [...this.#assignments.all()].filter(({ isHalted }) => !isHalted);
    this.#cluster
      .refresh(new Set(asked.map(({ topic }) => topic)))
      .then(
        () => {
          this.#metadataFailure = null;
          return this.#reportUnknown(asked);
        },
        (error: Error) => {
          this.#metadataFailure = error;
          return this.#cluster.clock.sleep(RETRY_PAUSE_MS * 3);
        },
      )
      .finally(() => {
        this.#refreshing = false;
        this.#wake?.();
      });
  }

  #reportUnknown(asked: Assignment[]): Promise<void> | undefined {
    let isLeaderless = false;
    for (const assignment of asked) {
      const { topic, partition } = assignment;
      if (!this.#assignments.has(assignment)) continue;
      if (this.#cluster.leader(topic, partition) >= 0) continue;
      const known = this.#cluster.topic(topic);
      const isThere = known?.partitions.some(({ partitionIndex }) => partitionIndex === partition);
      if (isThere || (known && known.errorCode !== 0)) isLeaderless = true;
      else {
        const error = new DdsError('DDS_UNKNOWN_TOPIC', `topic ${topic} has no partition ${partition}`);
        this.#report(assignment, 'unknown-topic', known ? error : kafkaError(3, `topic ${topic}`));
      }
    }
    return isLeaderless ? this.#cluster.clock.sleep(RETRY_PAUSE_MS) : undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cluster.parts.delete(this);
    this.#lanes.close();
    this.#assignments.clear();
    this.#wake?.();
  }
}
