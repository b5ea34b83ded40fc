import { DdsError } from '../../../errors/index.ts';
import { systemClock } from '../../../shared/clock.ts';
import {
  createKafka,
  type FetchedPartition,
  type FetchProblem,
  type FetchResult,
} from '../../kafka/index.ts';
import { AvroDecoder, createRegistryClient, readWireId } from '../../serde/index.ts';
import type { Job } from '../host/index.ts';
import { DeadLetters } from './dead-letters.ts';
import { DuckDbStore } from './duckdb-store.ts';
import { LatencyHistogram } from './latency.ts';
import { newPartitionStats, type PartitionStats } from './partition-stats.ts';
import { RecordFiller } from './record-filler.ts';
import { Round } from './round.ts';
import { sinkInfo } from './sink-info.ts';
import type { SinkInfo, SinkOptions } from './sink-types.ts';
import { type FollowedTopic, TopicFollower } from './topic-follower.ts';
import type { TopicTable } from './topic-table.ts';

/** Records that arrive within this time of the first share a transaction: a commit costs 2 to 5 ms of CPU. */
const groupMs = 20;
/** A transaction is committed at this size, whatever its age; bounds the memory while catching up. */
const groupBytes = 2 << 20;
const longestPauseMs = 5000;

interface Followed {
  stats: PartitionStats;
  filler: RecordFiller;
  mode: FollowedTopic['mode'];
  /** Where to read from while nothing of it is committed. */
  firstOffset: number;
}

/** Stores the records of a site's topics in its database, each exactly once. */
export class Sink implements Job<SinkInfo> {
  readonly name = 'sink';
  readonly options: SinkOptions;
  readonly store: DuckDbStore;
  readonly latency = new LatencyHistogram();
  commits = 0;
  /** Seconds that the last commits took, for the metrics to take away. */
  onCommit: (seconds: number) => void = () => undefined;
  state: SinkInfo['state'] = 'starting';
  readonly #clock;
  readonly #kafka;
  readonly #fetcher;
  readonly #decoder;
  readonly #registry;
  readonly #deadLetters;
  readonly #follower;
  readonly #followed = new Map<string, Followed>();
  readonly #stopping = new AbortController();
  #running: Promise<void>[] = [];
  #failure: Error | null = null;
  #round = new Round();
  #stopped: Promise<void> | null = null;

  constructor(options: SinkOptions) {
    this.options = options;
    this.store = new DuckDbStore(options.path);
    this.#clock = options.clock ?? systemClock;
    this.#kafka = createKafka(options.kafka, { clock: this.#clock, log: options.log });
    this.#fetcher = this.#kafka.fetcher({ maxBytes: groupBytes, maxPartitionBytes: 512 << 10 });
    this.#registry = createRegistryClient(options.registryUrl, { clock: this.#clock });
    this.#decoder = new AvroDecoder(this.#registry, this.#clock);
    this.#deadLetters = new DeadLetters(this.#kafka, options.log);
    this.#follower = new TopicFollower(this.#kafka.admin(), this.#clock, options.topics, options.exclude);
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.store.open();
    for (const table of this.store.tables.values()) this.#follower.know(table.topic, table.mode);
    await this.#kafka.connect();
    await this.#follow(await this.#follower.list());
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
    await Promise.all(this.#running);
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
    return [...this.#followed.values()].map(({ stats }) => stats);
  }

  now(): number {
    return this.#clock.now();
  }

  info(): SinkInfo {
    return sinkInfo(this);
  }

  async #loop(stopping: AbortSignal): Promise<void> {
    let pauseMs = 100;
    while (!stopping.aborted) {
      try {
        const listing = this.#follower.take();
        if (listing) await this.#follow(listing);
        await this.#transaction(stopping);
        if (this.#failure) this.options.log.info({}, 'storing again');
        this.#failure = null;
        this.state = 'following';
        pauseMs = 100;
      } catch (error) {
        await this.#pause(error, pauseMs, stopping);
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      }
    }
  }

  /** After an error: wait, go back to what is committed, and read from there. */
  async #pause(thrown: unknown, pauseMs: number, stopping: AbortSignal): Promise<void> {
    const error = DdsError.from(thrown);
    this.#failure = error;
    this.state = 'paused';
    this.#round = new Round();
    this.options.log.error(
      { code: error.code, retryInMs: pauseMs, cause: String(error.cause ?? '') },
      error.message,
    );
    await this.#clock.sleep(pauseMs, stopping);
    try {
      await this.store.recover();
      for (const followed of this.#followed.values()) this.#seek(followed);
    } catch (again) {
      this.#failure = again as Error;
    }
  }

  /** Reads what arrives within the group time and commits it. */
  async #transaction(stopping: AbortSignal): Promise<void> {
    let deadline = Number.POSITIVE_INFINITY;
    let waitMs = 250;
    do {
      const result = await this.#fetcher.poll(waitMs, stopping);
      for (const problem of result.problems) await this.#solve(problem);
      if (result.partitions.length > 0) {
        if (deadline === Number.POSITIVE_INFINITY) deadline = this.#clock.monotonic() + groupMs;
        await this.#fill(result);
      }
      waitMs = deadline - this.#clock.monotonic();
    } while (this.store.inTransaction && waitMs > 0 && this.#round.bytes < groupBytes && !stopping.aborted);
    if (this.store.inTransaction) await this.#commit();
  }

  async #fill(result: FetchResult): Promise<void> {
    const filled: [FetchedPartition, Followed, TopicTable][] = [];
    for (const fetched of result.partitions) {
      const followed = this.#followed.get(keyOf(fetched.topic, fetched.partition));
      if (followed) filled.push([fetched, followed, await this.#tableFor(fetched, followed)]);
    }
    if (!this.store.inTransaction) await this.store.begin();
    const now = this.#clock.now();
    for (const [fetched, { filler }, table] of filled) {
      filler.fill(fetched, await this.store.appender(table), this.#round, now);
    }
  }

  /** The topic's table, with the columns and plans of all schemas that the records were written with. */
  async #tableFor({ topic, records }: FetchedPartition, { mode }: Followed): Promise<TopicTable> {
    const table = this.store.table(topic, mode);
    let known = -1;
    while (records.next()) {
      const value = records.value();
      const id = value === null ? null : readWireId(value);
      if (id === null || id === known) continue;
      const plan = table.plans.get(id);
      // An id that was not registered is asked for again when the decoder has forgotten that.
      if (plan === undefined || (typeof plan === 'string' && !this.#decoder.cached(id)))
        await this.#learn(table, id);
      known = id;
    }
    records.rewind();
    return table;
  }

  async #learn(table: TopicTable, id: number): Promise<void> {
    const writer = await this.#decoder.load(id);
    const references = await this.#registry.referencedTexts(writer.registered?.references ?? []);
    // Columns are added outside of a transaction: DuckDB refuses to alter a table with rows in flight.
    await this.#endTransaction();
    const unknown = writer.registered === null;
    await this.store.learn(table, writer, references);
    this.options.log.info({ topic: table.topic, table: table.name, schema: id, unknown }, 'schema learned');
  }

  async #endTransaction(): Promise<void> {
    if (this.store.inTransaction) await this.#commit();
  }

  async #commit(): Promise<void> {
    const round = this.#round;
    await this.#deadLetters.write(round.deadLetters);
    const startedAt = this.#clock.monotonic();
    await this.store.commit();
    this.onCommit((this.#clock.monotonic() - startedAt) / 1000);
    this.latency.record(round.intended, round.rows, this.#clock.now() * 1000);
    round.settle();
    this.commits++;
    this.#round = new Round();
  }

  /** Takes up a listing of the topics: new ones, new partitions, and topics that were deleted and made again. */
  async #follow(topics: readonly FollowedTopic[]): Promise<void> {
    const listed = new Set<string>();
    for (const topic of topics) {
      for (const partition of topic.partitions) {
        const key = keyOf(topic.name, partition);
        listed.add(key);
        await this.#followPartition(key, topic, partition);
      }
    }
    for (const [key, { stats }] of this.#followed) {
      if (listed.has(key)) continue;
      this.#fetcher.remove(stats.progress.topic, stats.progress.partition);
      this.#followed.delete(key);
    }
  }

  async #followPartition(key: string, topic: FollowedTopic, partition: number): Promise<void> {
    const progress = this.store.progress.partition(topic.name, partition);
    const isOther = progress.topicId !== '' && topic.id !== '' && progress.topicId !== topic.id;
    const known = this.#followed.get(key);
    if (known && !isOther) return;
    if (isOther) {
      this.options.log.warn(
        { topic: topic.name, partition },
        'the topic was made anew; reading it from its start',
      );
    }
    if (topic.id !== '') progress.topicId = topic.id;
    if (progress.next < 0 || isOther) {
      const [earliest = 0] = await this.#kafka
        .admin()
        .offsets([{ topic: topic.name, partition }], 'earliest');
      progress.next = Math.max(0, earliest);
      progress.committed = progress.next;
    }
    if (known) known.firstOffset = progress.next;
    else {
      const stats = newPartitionStats(progress);
      const filler = new RecordFiller(stats, this.store.progress, this.options.site);
      this.#followed.set(key, { stats, filler, mode: topic.mode, firstOffset: progress.next });
    }
    this.#fetcher.seek(topic.name, partition, progress.next);
  }

  /** Reads a partition from what is committed of it, or from its start when nothing is. */
  #seek({ stats: { progress }, firstOffset }: Followed): void {
    if (progress.next < 0) progress.next = progress.committed = firstOffset;
    this.#fetcher.seek(progress.topic, progress.partition, progress.next);
  }

  async #solve(problem: FetchProblem): Promise<void> {
    const { topic, partition, kind, fetchOffset, error } = problem;
    const followed = this.#followed.get(keyOf(topic, partition));
    if (!followed || kind === 'unknown-topic') return;
    if (kind !== 'out-of-range') {
      this.options.log.error({ topic, partition, kind, fetchOffset }, oneLine(error));
      throw error;
    }
    const where = [{ topic, partition }];
    const [earliest = 0] = await this.#kafka.admin().offsets(where, 'earliest');
    const [latest = 0] = await this.#kafka.admin().offsets(where, 'latest');
    const { stats } = followed;
    const next = fetchOffset < earliest ? earliest : latest;
    if (next > fetchOffset) {
      stats.lost += next - fetchOffset;
      this.options.log.error(
        { topic, partition, from: fetchOffset, to: next },
        'records were removed before they were stored',
      );
    } else {
      this.options.log.error(
        { topic, partition, from: fetchOffset, to: next },
        'the partition is shorter than what is stored of it',
      );
    }
    stats.progress.next = next;
    this.#fetcher.seek(topic, partition, next);
  }
}

const keyOf = (topic: string, partition: number) => `${topic}/${partition}`;

function oneLine(error: Error): string {
  return error.message.split('\n')[0] ?? '';
}
