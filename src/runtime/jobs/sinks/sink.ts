import { DdsError } from '../../../errors/index.ts';
import { registryAt } from '../../../shared/access.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createKafka } from '../../kafka/index.ts';
import { AvroDecoder, createRegistryClient } from '../../serde/index.ts';
import type { Job } from '../host/index.ts';
import { DeadLetters } from './dead-letters.ts';
import { FollowedPartitions } from './followed-partitions.ts';
import { LatencyHistogram } from './latency.ts';
import { lagRecords, type PartitionStats } from './partition-stats.ts';
import { RecordWriter } from './record-writer.ts';
import { sinkInfo } from './sink-info.ts';
import type { SinkInfo, SinkOptions } from './sink-types.ts';
import type { SinkStore } from './store.ts';
import { TopicFollower } from './topic-follower.ts';

/** Records that arrive within this time of the first share a transaction: a commit costs 2 to 5 ms of CPU. */
const groupMs = 20;
/** A transaction is committed at this size, whatever its age; bounds the memory while catching up. */
const groupBytes = 2 << 20;
const firstPauseMs = 100;
const longestPauseMs = 5000;
/** How long a stop waits for what is under way. */
const stopLimitMs = 3000;

/** Stores the records of a site's topics in its database, each exactly once. */
export class Sink implements Job<SinkInfo> {
  readonly name = 'sink';
  readonly options: SinkOptions;
  readonly store: SinkStore;
  readonly writer: RecordWriter;
  readonly latency = new LatencyHistogram();
  state: SinkInfo['state'] = 'starting';
  readonly #clock;
  readonly #kafka;
  readonly #fetcher;
  readonly #deadLetters;
  readonly #follower;
  readonly #followed;
  readonly #stopping = new AbortController();
  #running: Promise<void>[] = [];
  #failure: Error | null = null;
  #stopped: Promise<void> | null = null;

  constructor(options: SinkOptions) {
    const { log } = options;
    this.options = options;
    this.store = options.store;
    const clock = options.clock ?? systemClock;
    this.#clock = clock;
    this.#kafka = createKafka(options.kafka, { clock, log });
    this.#fetcher = this.#kafka.fetcher({ maxBytes: groupBytes, maxPartitionBytes: 512 << 10 });
    this.#deadLetters = new DeadLetters(this.#kafka, log);
    const admin = this.#kafka.admin();
    this.#follower = new TopicFollower(admin, clock, options.topics, options.exclude);
    this.#followed = new FollowedPartitions({
      ...{ site: options.site, admin, fetcher: this.#fetcher, progress: this.store.progress, log },
    });
    const registry = createRegistryClient(registryAt(options), { clock });
    this.writer = new RecordWriter({
      ...{ store: this.store, followed: this.#followed, deadLetters: this.#deadLetters },
      ...{ decoder: new AvroDecoder(registry, clock), registry, latency: this.latency, clock, log },
    });
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.store.open();
    for (const table of this.store.tables.values()) this.#follower.know(table.topic, table.mode);
    await this.#kafka.connect();
    await this.#followed.follow(await this.#follower.list());
    if (signal.aborted || this.#stopping.signal.aborted) return;
    const stopping = this.#stopping.signal;
    this.state = 'following';
    this.#running = [this.#follower.run(this.options.followMs ?? 2000, stopping), this.#loop(stopping)];
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    const running = Promise.all(this.#running);
    const limit = new AbortController();
    const late = this.#clock.sleep(stopLimitMs, limit.signal).then(() => {
      // Whatever still waits for brokers that do not answer gives up with the connections.
      if (!limit.signal.aborted) return this.#kafka.close();
    });
    await Promise.race([running, late]);
    limit.abort();
    await running;
    await this.#fetcher.close();
    await this.#deadLetters.close().catch(() => undefined);
    await this.#kafka.close();
    await this.store.close();
    this.state = 'stopped';
  }

  trouble(): string | null {
    const problem = this.#failure ?? this.#fetcher.unreachable ?? this.#follower.problem;
    return problem && oneLine(problem);
  }

  get unreachable(): Error | null {
    return this.#fetcher.unreachable;
  }

  partitions(): PartitionStats[] {
    return this.#followed.stats();
  }

  now(): number {
    return this.#clock.now();
  }

  info(): SinkInfo {
    return sinkInfo(this);
  }

  async #loop(stopping: AbortSignal): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!stopping.aborted) {
      try {
        const listing = this.#follower.take();
        if (listing) await this.#followed.follow(listing);
        const { commits } = this.writer;
        await this.#transaction(stopping);
        // A round without records says nothing of a store that could not take them.
        if (this.#failure && this.writer.commits === commits && this.#isBehind()) continue;
        if (this.#failure) this.options.log.info({}, 'storing again');
        this.#failure = null;
        this.state = 'following';
        pauseMs = firstPauseMs;
      } catch (error) {
        pauseMs = await this.#recover(error, pauseMs, stopping);
      }
    }
  }

  #isBehind(): boolean {
    return this.partitions().some((stats) => lagRecords(stats) > 0);
  }

  /** After an error: wait, go back to what is committed, and read from there; again until that succeeds. */
  async #recover(thrown: unknown, firstMs: number, stopping: AbortSignal): Promise<number> {
    let pauseMs = firstMs;
    let error: DdsError | null = DdsError.from(thrown);
    while (error) {
      this.#failure = error;
      this.state = 'paused';
      this.writer.discard();
      const { code, message, cause = '' } = error;
      this.options.log.error({ code, retryInMs: pauseMs, cause: String(cause) }, message);
      await this.#clock.sleep(pauseMs, stopping);
      if (stopping.aborted) break;
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      error = await this.store.recover().then(
        () => null,
        (again) => DdsError.from(again),
      );
    }
    if (!error) this.#followed.rewind();
    return pauseMs;
  }

  /** Reads what arrives within the group time and commits it. */
  async #transaction(stopping: AbortSignal): Promise<void> {
    const { writer } = this;
    let deadline = Number.POSITIVE_INFINITY;
    let waitMs = 250;
    do {
      const result = await this.#fetcher.poll(waitMs, stopping);
      for (const problem of result.problems) await this.#followed.solve(problem);
      if (result.partitions.length > 0) {
        if (deadline === Number.POSITIVE_INFINITY) deadline = this.#clock.monotonic() + groupMs;
        await writer.add(result);
      }
      waitMs = deadline - this.#clock.monotonic();
    } while (writer.isOpen && waitMs > 0 && writer.bytes < groupBytes && !stopping.aborted);
    await writer.commit();
  }
}

function oneLine(error: Error): string {
  return error.message.split('\n')[0] ?? '';
}
