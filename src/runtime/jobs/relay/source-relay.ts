import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { FetchedPartition, Fetcher, FetchProblem, Kafka } from '../../kafka/index.ts';
import { isFenced } from '../../kafka/index.ts';
import { AtLeastOnce } from './at-least-once.ts';
import { type Letter, letterOf } from './dead-letter.ts';
import type { Delivery, DeliveryEvents } from './delivery.ts';
import { ExactlyOnce } from './exactly-once.ts';
import { HoldError } from './hold-error.ts';
import { PartitionGate } from './partition-gate.ts';
import type { Position } from './positions.ts';
import { refusalOf } from './refusals.ts';
import type { SourceOptions } from './source-options.ts';
import type { SourcePartition } from './source-partition.ts';
import { SourceTopics } from './source-topics.ts';
import { stateAfter } from './source-watch.ts';
import type { DeliveryMode, RelaySourceSpec, SourceState } from './types.ts';

export interface SourceRelayOptions extends SourceOptions {
  target: Kafka;
  delivery: DeliveryMode;
  transactionalId: string;
  onError: 'hold' | 'dead-letter';
}

/**
 * Relays one source: fetch, translate, and hand over to the delivery, which sees to records and positions at the target.
 * Nothing here waits for another source.
 */
export class SourceRelay {
  readonly spec: RelaySourceSpec;
  readonly topics: SourceTopics;
  lastProgressMs = -1;
  readonly #options: SourceRelayOptions;
  readonly #fetcher: Fetcher;
  readonly #delivery: Delivery;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #gate: PartitionGate;
  readonly #firstAnswer = Promise.withResolvers<void>();
  #relaying: Promise<void> = Promise.resolve();

  constructor(options: SourceRelayOptions) {
    this.#options = options;
    this.spec = options.spec;
    this.#clock = options.clock;
    this.#log = options.log;
    // A partition that was stopped is asked for again when the poll under way is over.
    this.#fetcher = options.source.fetcher({ maxWaitMs: 250, isolation: 'read_committed' });
    this.#gate = new PartitionGate(this.#fetcher, options.clock, options.log);
    this.topics = new SourceTopics({
      ...options,
      fetcher: this.#fetcher,
      onTried: () => this.#firstAnswer.resolve(),
    });
    const delivery = {
      ...options,
      events: this.#events(),
      partitions: () => this.topics.partitions(),
      targetPartition: (topic: string, partition: number) => this.topics.targetPartition(topic, partition),
    };
    this.#delivery =
      options.delivery === 'exactly-once' ? new ExactlyOnce(delivery) : new AtLeastOnce(delivery);
  }

  /** Resolves when the source was tried once, whether it answered or not. */
  get tried(): Promise<void> {
    return this.#firstAnswer.promise;
  }

  get pendingRecords(): number {
    return this.#delivery.pendingRecords;
  }

  /** Monotonic time since when records wait for the target; null when none do. */
  get waitingSinceMs(): number | null {
    return this.#delivery.waitingSinceMs;
  }

  get state(): SourceState {
    const { state } = this.topics.source;
    // Fetches fail before the next look at the topics does.
    const { unreachable } = this.#fetcher;
    return state === 'connected' && unreachable ? stateAfter(unreachable) : state;
  }

  /** Why the source's brokers don't answer the fetches. */
  get unreachable(): Error | null {
    return this.#fetcher.unreachable;
  }

  /** Runs until the signal aborts. Throws DDS_FENCED, when another relay does the same work. */
  async run(signal: AbortSignal): Promise<void> {
    const positions = await this.#open(signal);
    if (!positions || signal.aborted) return;
    this.#relaying = this.#relay(signal);
    await Promise.all([this.topics.follow(positions, signal), this.#relaying]);
  }

  /** Waits for what is under way, saves the positions and lets go. The target may be gone: not for longer than `limit`. */
  async close(limit: AbortSignal): Promise<void> {
    await this.#fetcher.close();
    await this.#delivery.close(
      this.#relaying.catch(() => undefined),
      limit,
    );
    await this.#options.store.close(limit);
  }

  async #open(signal: AbortSignal): Promise<Map<string, Position> | null> {
    while (!signal.aborted) {
      try {
        return await this.#delivery.open(signal);
      } catch (error) {
        if (signal.aborted) break;
        this.#firstAnswer.resolve();
        if (isFenced(error)) throw error;
        this.#log.warn({ error: (error as Error).message }, 'cannot read the saved positions yet');
        await this.#clock.sleep(500, signal);
      }
    }
    return null;
  }

  async #relay(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#gate.retryHeld();
      try {
        const { partitions, problems } = await this.#fetcher.poll(this.#delivery.pollMs, signal);
        for (const problem of problems) this.#onProblem(problem, signal);
        for (const fetched of partitions) this.#onFetched(fetched);
      } catch (error) {
        if (signal.aborted) break;
        this.#log.error({ error: (error as Error).message }, 'fetching failed');
        await this.#clock.sleep(500, signal);
      }
      await this.#delivery.turn(signal);
    }
  }

  #onFetched(fetched: FetchedPartition): void {
    const partition = this.topics.partition(fetched.topic, fetched.partition);
    // An answer from before a seek, or for a topic that is no longer followed.
    if (partition?.state !== 'open' || fetched.fetchOffset !== partition.nextFetch) return;
    partition.highWatermark = fetched.highWatermark;
    const { topic, probe, counts, refusal } = partition;
    const range = { limit: probe?.limit, refusedAt: refusal?.offset };
    const { outlet } = this.#delivery;
    const { records, fetchOffset } = fetched;
    const copied = topic.copier.copy(outlet, records, partition.partition, fetchOffset, range);
    const next = copied.stop ? copied.stop.offset : fetched.nextOffset;
    partition.nextFetch = next;
    counts.relayedBytes += copied.bytes;
    counts.loopedRecords += copied.looped;
    if (copied.lastTimestamp >= 0) partition.lastTimestamp = copied.lastTimestamp;
    partition.tracker.add(next, copied.appended);
    this.#delivery.added(copied.appended);
    if (copied.appended === 0) this.#progressed(partition);
    if (probe) this.#settle(partition);
    if (!copied.stop) return;
    this.#fetcher.seek(topic.name, partition.partition, next);
    switch (copied.stop.why) {
      case 'unknown-id':
        void this.#learn(partition, next, `${topic.name}-${copied.stop.side}`, copied.stop.id);
        break;
      case 'unreadable':
        this.#gate.hold(partition, next, 'source-error', copied.stop.error.message);
        break;
      case 'refused':
        if (this.#options.onError === 'dead-letter' && refusal!.mayBeBuried)
          void this.#bury(partition, letterOf(fetched.records, partition, refusal!));
        else this.#gate.hold(partition, next, refusal!.reason, refusal!.message);
        break;
      case 'limit':
        break;
    }
  }

  /** Keeps the partition waiting while the schema goes from registry to registry. */
  async #learn(partition: SourcePartition, offset: number, subject: string, id: number): Promise<void> {
    this.#gate.pause(partition, 'learning');
    try {
      await this.#options.schemas.learn(subject, id);
    } catch (error) {
      const reason = error instanceof HoldError ? error.reason : 'schema-rejected';
      const { message } = error as Error;
      const mayBeBuried = reason === 'schema-unknown' || reason === 'schema-rejected';
      partition.refusal = { offset, reason, message, mayBeBuried };
    }
    // A record that is refused is met again, and then held or buried.
    if (partition.state === 'learning') this.#gate.open(partition);
  }

  async #bury(partition: SourcePartition, letter: Letter): Promise<void> {
    const { topic, offset } = letter;
    this.#gate.pause(partition, 'burying');
    try {
      await this.topics.ensureDeadLetters(partition.topic);
      if (partition.state !== 'burying') return;
      const { name } = partition.topic;
      this.#log.warn(
        { event: 'dead-letter', topic: name, partition: letter.partition, offset, to: topic },
        'record is put aside',
      );
      this.#delivery.bury(partition, letter);
    } catch (error) {
      if (partition.state !== 'burying') return;
      this.#gate.hold(partition, offset, 'record-rejected', `${topic}: ${(error as Error).message}`);
    }
  }

  #onProblem(problem: FetchProblem, signal: AbortSignal): void {
    const partition = this.topics.partition(problem.topic, problem.partition);
    if (partition?.state !== 'open' || problem.fetchOffset !== partition.nextFetch) return;
    if (problem.kind === 'out-of-range') {
      this.#gate.pause(partition, 'learning');
      void this.topics.backInRange(partition, signal).then(
        () => partition.state === 'learning' && this.#gate.open(partition),
        (error: Error) => this.#gate.hold(partition, partition.nextFetch, 'source-error', error.message),
      );
      return;
    }
    this.#gate.hold(partition, partition.nextFetch, 'source-error', problem.error.message);
    if (problem.kind === 'unknown-topic') this.topics.look();
  }

  #events(): DeliveryEvents {
    return {
      onDelivered: (partition, count) => {
        partition.counts.relayedRecords += count;
        if (count > 0) {
          this.lastProgressMs = this.#clock.now();
          partition.lastProgressMs = this.lastProgressMs;
        }
        this.#progressed(partition);
      },
      onRefused: (partition) => {
        if (partition.state === 'open') this.#gate.pause(partition, 'settling');
      },
      onSettled: (partition) => this.#settled(partition),
      onReady: (partition) => {
        if (partition.state === 'open' || partition.state === 'settling' || partition.state === 'burying')
          this.#gate.open(partition);
      },
      onUnburied: (partition, error) => {
        const { refusal } = partition;
        if (!refusal) return;
        const message = `${refusal.message}; nor does its dead-letter topic take it: ${error.message}`;
        partition.refusal = { ...refusal, message, mayBeBuried: false };
        if (partition.state === 'burying') this.#gate.open(partition);
      },
    };
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
    if (!failure) {
      if (probe && tracker.position >= probe.until) partition.probe = null;
      else if (probe) probe.limit *= 2;
      this.#gate.open(partition);
      return;
    }
    const { error, offset, count, end, restartAt } = failure;
    partition.failure = null;
    tracker.restart(restartAt);
    partition.nextFetch = restartAt;
    const { reason, isPoison } = refusalOf(error) ?? { reason: 'record-rejected', isPoison: false };
    if (isPoison) {
      const until = Math.max(end, probe?.until ?? 0);
      partition.probe = { limit: Math.max(1, Math.ceil(count / 2)), until };
    }
    if (count === 1 || !isPoison) {
      partition.refusal = { offset, reason, message: error.message, mayBeBuried: isPoison };
      this.#options.targetTopics.forget(partition.topic.target);
      this.topics.look();
    }
    if (partition.state !== 'closed') this.#gate.open(partition);
  }
}
