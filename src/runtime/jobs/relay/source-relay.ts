import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import type {
  BatchReport,
  FetchedPartition,
  Fetcher,
  FetchProblem,
  Kafka,
  Producer,
} from '../../kafka/index.ts';
import { HoldError } from './hold-error.ts';
import { PartitionGate } from './partition-gate.ts';
import type { Position } from './positions.ts';
import type { SourceOptions } from './source-options.ts';
import type { SourcePartition } from './source-partition.ts';
import { SourceTopics, stateAfter } from './source-topics.ts';
import type { RelaySourceSpec, SourceState } from './types.ts';

/** What may be under way to the target for one source before fetching waits. */
const maxPendingRecords = 100_000;
const maxPendingBytes = 16 << 20;
/** What is under way is bounded, so it may wait for the target as long as that takes; a timer can't do more than 24 days. */
const aboutForEverMs = 2_000_000_000;

export interface SourceRelayOptions extends SourceOptions {
  target: Kafka;
}

/**
 * Relays one source, at least once: fetch, translate, produce, and let the positions follow the acknowledgements.
 * Nothing here waits for another source.
 */
export class SourceRelay {
  readonly spec: RelaySourceSpec;
  readonly topics: SourceTopics;
  readonly producer: Producer;
  lastProgressMs = -1;
  /** Monotonic time since when records wait for the target's next acknowledgement; null when none do. */
  waitingSinceMs: number | null = null;
  readonly #options: SourceRelayOptions;
  readonly #fetcher: Fetcher;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #gate: PartitionGate;
  readonly #firstAnswer = Promise.withResolvers<void>();

  constructor(options: SourceRelayOptions) {
    this.#options = options;
    this.spec = options.spec;
    this.#clock = options.clock;
    this.#log = options.log;
    // A partition that was stopped is asked for again when the poll under way is over.
    this.#fetcher = options.source.fetcher({ maxWaitMs: 250, isolation: 'read_committed' });
    this.#gate = new PartitionGate(this.#fetcher, options.clock, options.log);
    this.producer = options.target.producer({
      idempotent: true,
      lingerMs: 2,
      // A sink takes a record that arrives behind later ones of its partition for a duplicate: the order has to hold.
      failTogether: true,
      deliveryTimeoutMs: aboutForEverMs,
      onBatch: (report) => this.#onBatch(report),
    });
    this.topics = new SourceTopics({
      ...options,
      producer: this.producer,
      fetcher: this.#fetcher,
      onTried: () => this.#firstAnswer.resolve(),
    });
  }

  /** Resolves when the source was tried once, whether it answered or not. */
  get tried(): Promise<void> {
    return this.#firstAnswer.promise;
  }

  get state(): SourceState {
    const { state } = this.topics;
    // Fetches fail before the next look at the topics does.
    const { unreachable } = this.#fetcher;
    return state === 'connected' && unreachable ? stateAfter(unreachable) : state;
  }

  /** Why the source's brokers don't answer the fetches. */
  get unreachable(): Error | null {
    return this.#fetcher.unreachable;
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const positions = await this.#loadPositions(signal);
    if (!positions) return;
    await Promise.all([
      this.topics.follow(positions, signal),
      this.#relay(signal),
      this.#savePositions(signal),
    ]);
  }

  /** Waits for what is under way, saves the positions and lets go. The target may be gone: not for longer than `limit`. */
  async close(limit: AbortSignal): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      if (limit.aborted) resolve();
      limit.addEventListener('abort', () => resolve(), { once: true });
    });
    await this.#fetcher.close();
    const finish = async () => {
      await this.producer.flush().catch(() => undefined);
      await this.#options.store.save(this.topics.positions());
    };
    await Promise.race([finish().catch((error: Error) => this.#notSaved(error)), gone]);
    await Promise.all([this.producer.close(limit), this.#options.store.close(limit)]);
  }

  async #loadPositions(signal: AbortSignal): Promise<Map<string, Position> | null> {
    while (!signal.aborted) {
      try {
        await this.producer.start();
        return await this.#options.store.load(signal);
      } catch (error) {
        if (signal.aborted) break;
        this.#log.warn({ error: (error as Error).message }, 'cannot read the saved positions yet');
        this.#firstAnswer.resolve();
        await this.#clock.sleep(500, signal);
      }
    }
    return null;
  }

  async #savePositions(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(1000, signal);
      if (signal.aborted) return; // close() saves the last ones
      await this.#options.store.save(this.topics.positions()).catch((error: Error) => this.#notSaved(error));
    }
  }

  #notSaved(error: Error): void {
    this.#log.warn({ error: error.message }, 'positions could not be saved; a restart repeats more');
  }

  async #relay(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#gate.retryHeld();
      try {
        const { partitions, problems } = await this.#fetcher.poll(500, signal);
        for (const problem of problems) this.#onProblem(problem);
        for (const fetched of partitions) this.#onFetched(fetched);
      } catch (error) {
        if (signal.aborted) break;
        this.#log.error({ error: (error as Error).message }, 'fetching failed');
        await this.#clock.sleep(500, signal);
      }
      while (this.#isFull() && !signal.aborted) await this.#clock.sleep(5, signal);
    }
  }

  #isFull(): boolean {
    return this.producer.pendingRecords > maxPendingRecords || this.producer.pendingBytes > maxPendingBytes;
  }

  #onFetched(fetched: FetchedPartition): void {
    const partition = this.topics.partition(fetched.topic, fetched.partition);
    // An answer from before a seek, or for a topic that is no longer followed.
    if (partition?.state !== 'open' || fetched.fetchOffset !== partition.nextFetch) return;
    partition.highWatermark = fetched.highWatermark;
    const { topic, probe } = partition;
    const copied = topic.copier.copy(fetched.records, fetched.partition, fetched.fetchOffset, probe?.limit);
    const next = copied.stop ? copied.stop.offset : fetched.nextOffset;
    partition.nextFetch = next;
    partition.relayedBytes += copied.bytes;
    partition.loopedRecords += copied.looped;
    if (copied.lastTimestamp >= 0) partition.lastTimestamp = copied.lastTimestamp;
    partition.tracker.add(next, copied.appended);
    if (copied.appended > 0) this.waitingSinceMs ??= this.#clock.monotonic();
    if (copied.appended === 0) this.#progressed(partition);
    if (probe) this.#settle(partition);
    if (!copied.stop) return;
    this.#fetcher.seek(topic.name, partition.partition, next);
    switch (copied.stop.why) {
      case 'unknown-id':
        void this.#learn(partition, `${topic.name}-${copied.stop.side}`, copied.stop.id);
        break;
      case 'unreadable':
        this.#gate.hold(partition, next, 'source-error', copied.stop.error.message);
        break;
      case 'limit':
        break;
    }
  }

  /** Keeps the partition waiting while the schema goes from registry to registry. */
  async #learn(partition: SourcePartition, subject: string, id: number): Promise<void> {
    this.#gate.pause(partition, 'learning');
    try {
      await this.#options.schemas.learn(subject, id);
      if (partition.state === 'learning') this.#gate.open(partition);
    } catch (error) {
      if (partition.state !== 'learning') return;
      const reason = error instanceof HoldError ? error.reason : 'schema-rejected';
      this.#gate.hold(partition, partition.nextFetch, reason, (error as Error).message);
    }
  }

  #onProblem(problem: FetchProblem): void {
    const partition = this.topics.partition(problem.topic, problem.partition);
    if (partition?.state !== 'open' || problem.fetchOffset !== partition.nextFetch) return;
    if (problem.kind === 'out-of-range') {
      this.#gate.pause(partition, 'learning');
      void this.topics.backInRange(partition).then(
        () => partition.state === 'learning' && this.#gate.open(partition),
        (error: Error) => this.#gate.hold(partition, partition.nextFetch, 'source-error', error.message),
      );
      return;
    }
    this.#gate.hold(partition, partition.nextFetch, 'source-error', problem.error.message);
    if (problem.kind === 'unknown-topic') this.topics.look();
  }

  #onBatch(report: BatchReport): void {
    const partition = this.topics.targetPartition(report.topic, report.partition);
    if (!partition) return;
    const { tracker } = partition;
    if (report.error) {
      tracker.fail(report.tags, report.count);
      const end = report.tags[report.count - 1]! + 1;
      if (report.tags[0] === tracker.failedAt)
        partition.failure = { error: report.error, count: report.count, end };
      if (partition.state !== 'closed') this.#gate.pause(partition, 'settling');
    } else {
      tracker.acknowledge(report.tags, report.count);
      partition.relayedRecords += report.count;
      this.lastProgressMs = this.#clock.now();
      // The producer counts this batch as pending until the report returns.
      this.waitingSinceMs = this.producer.pendingRecords > report.count ? this.#clock.monotonic() : null;
      this.#progressed(partition);
    }
    if (tracker.pending === 0 && partition.state === 'settling') this.#settled(partition);
  }

  #progressed(partition: SourcePartition): void {
    if (partition.progressed(this.#clock.now())) {
      this.#log.info(
        { topic: partition.topic.name, partition: partition.partition, offset: partition.tracker.position },
        'partition goes on',
      );
    }
  }

  #settle(partition: SourcePartition): void {
    this.#gate.pause(partition, 'settling');
    if (partition.tracker.pending === 0) this.#settled(partition);
  }

  /** Nothing of the partition is under way: go on, or find the record that was refused by halving. */
  #settled(partition: SourcePartition): void {
    const { tracker, failure, probe } = partition;
    const failedAt = tracker.failedAt;
    if (failedAt === null || !failure) {
      if (probe && tracker.position >= probe.until) partition.probe = null;
      else if (probe) probe.limit *= 2;
      this.#gate.open(partition);
      return;
    }
    partition.failure = null;
    tracker.restart(failedAt);
    partition.nextFetch = failedAt;
    const until = Math.max(failure.end, probe?.until ?? 0);
    partition.probe = { limit: Math.max(1, Math.ceil(failure.count / 2)), until };
    if (failure.count > 1) {
      this.#gate.open(partition);
      return;
    }
    this.#options.targetTopics.forget(partition.topic.target);
    this.topics.look();
    this.#gate.hold(partition, failedAt, 'record-rejected', failure.error.message);
  }
}
