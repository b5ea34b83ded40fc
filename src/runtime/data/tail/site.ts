import { kafkaAt, registryAt } from '../../../shared/access.ts';
import type { Clock } from '../../../shared/clock.ts';
import { topicMatcher } from '../../../shared/topic-pattern.ts';
import { createKafka } from '../../kafka/index.ts';
import type { Fetcher, FetchProblem, Kafka, TopicDescription, TopicPartition } from '../../kafka/port.ts';
import { AvroDecoder, createRegistryClient, type RegistryClient } from '../../serde/index.ts';
import type { SiteEndpoints } from '../../stack/types.ts';
import { type GroupDetails, readGroups } from '../groups/read-groups.ts';
import { Patience } from '../patience.ts';
import { resolveOffsets } from './offsets.ts';
import { RecentRecords } from './output.ts';
import type { TailPosition } from './position.ts';
import type { PartitionTail, RecordConsumer, SchemaOrigin, TopicTail } from './record-consumer.ts';
import { RecordReader } from './records.ts';

export interface SiteTailOptions {
  topics: readonly string[];
  partitions: readonly number[] | undefined;
  from: TailPosition;
  /** Where to stop; null to go on for ever. */
  to: TailPosition | null;
  /** Begin with so many of the last records of each topic. */
  last: number | null;
  /** A broker or registry that is gone for longer than this ends the command; null waits for ever. */
  patienceMs: number | null;
}

export interface SiteTailParts {
  endpoints: SiteEndpoints;
  /** Gets what is fetched. */
  consumer: RecordConsumer;
  clock: Clock;
  signal: AbortSignal;
  report(message: string): void;
}

const pollMs = 500;
/** How often a live tail looks for new topics and partitions. */
const discoverMs = 2000;

/** Reads topics of one site: no group, no commits. Positions, not records, decide what is read and when it ends. */
export class SiteTail {
  readonly site: string;
  readonly #options: SiteTailOptions;
  readonly #parts: SiteTailParts;
  readonly #kafka: Kafka;
  readonly #fetcher: Fetcher;
  readonly #registry: RegistryClient;
  readonly #decoder: AvroDecoder;
  readonly #topics = new Map<string, TopicTail>();
  readonly #partitions = new Map<string, PartitionTail>();
  readonly #stopped = new AbortController();
  #discovered: TopicDescription[] | null = null;
  readonly #brokerPatience: Patience;

  constructor(options: SiteTailOptions, parts: SiteTailParts) {
    const { endpoints } = parts;
    const { site } = endpoints;
    this.site = site;
    this.#options = options;
    this.#parts = parts;
    this.#kafka = createKafka(kafkaAt(endpoints, 'dds-tail'), { clock: parts.clock });
    this.#fetcher = this.#kafka.fetcher({ maxWaitMs: pollMs });
    this.#registry = createRegistryClient(registryAt(endpoints), { clock: parts.clock });
    this.#decoder = new AvroDecoder(this.#registry, parts.clock);
    const { clock, report } = parts;
    const { patienceMs } = options;
    this.#brokerPatience = new Patience({
      ...{ site, patienceMs, clock, report },
      ...{ what: 'the broker', code: 'DDS_BROKER_UNREACHABLE' },
    });
  }

  /** Names of those that were read. */
  get topics(): string[] {
    return [...this.#topics.keys()];
  }

  /** True while the broker or the registry does not answer. */
  get waiting(): boolean {
    return this.#brokerPatience.waiting || this.#parts.consumer.waiting;
  }

  /** Lag of the group here, by topic; null when this site has no such group. Nothing is joined. */
  async lagOf(group: string): Promise<Map<string, number> | null> {
    const [found] = await this.groups([group]);
    if (!found) return null;
    const lags = new Map<string, number>();
    for (const { topic, lag } of found.partitions) lags.set(topic, (lags.get(topic) ?? 0) + lag);
    return lags;
  }

  /** Positions and lag of groups here, the named ones or all. Nothing is joined. */
  groups(names?: readonly string[]): Promise<GroupDetails[]> {
    return readGroups(this.#kafka.admin(), names);
  }

  /** Where a schema comes from; null when the registry does not know it or does not answer. */
  async describeSchema(id: number): Promise<SchemaOrigin | null> {
    try {
      const { registered } = await this.#decoder.load(id);
      if (registered === null) return null;
      const { name } = JSON.parse(registered.schema) as { name?: string };
      return { name: name ?? registered.schemaType, versions: await this.#registry.versionsOf(id) };
    } catch {
      return null;
    }
  }

  /** The first offset that a partition still has. */
  async earliest(partition: TopicPartition): Promise<number> {
    return (await this.#kafka.admin().offsets([partition], 'earliest'))[0]!;
  }

  /** Another reader of the same cluster; it ends with this one. */
  openFetcher(): Fetcher {
    return this.#kafka.fetcher({ maxWaitMs: pollMs, maxPartitionBytes: 256 * 1024 });
  }

  /** All topics of the site. Throws DDS_BROKER_UNREACHABLE. */
  listTopics(): Promise<TopicDescription[]> {
    return this.#kafka.admin().listTopics();
  }

  /** Reads until the end, if there is one, or until the signal aborts. */
  async run(first: readonly TopicDescription[]): Promise<void> {
    const { consumer, signal } = this.#parts;
    await this.#follow(first, this.#options.from, this.#options.last);
    const discovering = this.#options.to === null ? this.#discover() : Promise.resolve();
    try {
      while (!signal.aborted && !this.#atEnd()) {
        const { partitions, problems } = await this.#fetcher.poll(pollMs, signal);
        if (this.#fetcher.unreachable) this.#brokerPatience.gone(this.#fetcher.unreachable);
        else this.#brokerPatience.back();
        for (const problem of problems) await this.#solve(problem);
        for (const fetched of partitions) {
          if (signal.aborted) break;
          const tail = this.#partitions.get(`${fetched.partition}/${fetched.topic}`);
          const topic = this.#topics.get(fetched.topic);
          if (!tail || !topic || tail.done) continue;
          const whole = await consumer.consume(topic, tail, fetched);
          if (whole && fetched.nextOffset >= tail.end) this.#reachedEnd(topic, tail);
        }
        await consumer.flush();
        if (this.#discovered) await this.#followNew(this.#discovered);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#stopped.abort();
      await discovering;
    }
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#fetcher.close();
    await this.#kafka.close();
  }

  #atEnd(): boolean {
    if (this.#options.to === null) return false;
    for (const partition of this.#partitions.values()) if (!partition.done) return false;
    return true;
  }

  /** Takes up the partitions that the options choose and that are not read yet. */
  async #follow(topics: readonly TopicDescription[], from: TailPosition, last: number | null): Promise<void> {
    const matches = topicMatcher(this.#options.topics);
    const chosen = topics
      .filter(({ name }) => matches(name))
      .flatMap(({ name, partitions }) => partitions.map(({ partition }) => ({ topic: name, partition })))
      .filter(({ partition }) => this.#options.partitions?.includes(partition) ?? true)
      .filter(({ topic, partition }) => !this.#partitions.has(`${partition}/${topic}`));
    if (chosen.length === 0) return;
    const { to } = this.#options;
    const wanted = last === null ? from : ({ kind: 'back', count: last } as const);
    const ranges = await resolveOffsets(this.#kafka.admin(), chosen, wanted, to ?? { kind: 'newest' });
    const avroSubjects = await this.#subjects();
    for (const range of ranges) {
      const topic = this.#topicTail(range.topic, last);
      topic.reader.isAvro ||= avroSubjects.has(`${range.topic}-value`);
      const end = last === null && to === null ? Number.POSITIVE_INFINITY : range.end;
      const place = { site: this.site, topic: range.topic, partition: range.partition };
      const tail: PartitionTail = { ...range, end, place, found: 0, newFrom: range.end, done: false };
      topic.partitions.push(tail);
      topic.id = topics.find(({ name }) => name === range.topic)?.id ?? null;
      this.#parts.consumer.follow?.(topic, tail);
      this.#partitions.set(`${range.partition}/${range.topic}`, tail);
      this.#fetcher.seek(range.topic, range.partition, range.start);
    }
    for (const topic of this.#topics.values()) {
      for (const tail of topic.partitions)
        if (!tail.done && tail.start >= tail.end) this.#reachedEnd(topic, tail);
    }
  }

  #topicTail(name: string, last: number | null): TopicTail {
    let topic = this.#topics.get(name);
    if (!topic) {
      const recent = last === null ? null : new RecentRecords(last);
      topic = { name, id: null, reader: new RecordReader(this.#decoder), recent, partitions: [] };
      this.#topics.set(name, topic);
    }
    return topic;
  }

  /** A topic that has a value schema holds Avro. A registry that does not answer is missed only when a value needs it. */
  async #subjects(): Promise<Set<string>> {
    return new Set(await this.#registry.subjects().catch(() => []));
  }

  /** Topics and partitions that are made while we look on are read from their beginning. */
  async #followNew(topics: readonly TopicDescription[]): Promise<void> {
    this.#discovered = null;
    // When the broker went away in between, the next round finds the same topics.
    await this.#follow(topics, { kind: 'oldest' }, null).catch(() => undefined);
  }

  async #discover(): Promise<void> {
    const { clock, signal } = this.#parts;
    const ended = AbortSignal.any([signal, this.#stopped.signal]);
    for (;;) {
      await clock.sleep(discoverMs, ended);
      if (ended.aborted) return;
      this.#discovered = await this.listTopics().catch(() => null);
    }
  }

  #reachedEnd(topic: TopicTail, tail: PartitionTail): void {
    const { last } = this.#options;
    if (topic.recent && tail.found < last! && tail.start > tail.earliest) {
      // Compaction leaves fewer records than offsets: look further back.
      const width = Math.max(1000, 4 * (tail.newFrom - tail.start));
      tail.end = tail.start;
      tail.start = Math.max(tail.earliest, tail.start - width);
      this.#fetcher.seek(tail.topic, tail.partition, tail.start);
      return;
    }
    tail.done = true;
    this.#fetcher.remove(tail.topic, tail.partition);
    if (topic.recent && topic.partitions.every(({ done }) => done)) this.#showRecent(topic, topic.recent);
  }

  /** Shows what `-n` asked for, then goes on with what has come since. */
  #showRecent(topic: TopicTail, recent: RecentRecords): void {
    topic.recent = null;
    this.#parts.consumer.showRecent?.(recent);
    if (this.#options.to !== null) return;
    for (const tail of topic.partitions) {
      tail.done = false;
      tail.end = Number.POSITIVE_INFINITY;
      this.#fetcher.seek(tail.topic, tail.partition, tail.newFrom);
    }
  }

  async #solve({ topic: name, partition, kind, fetchOffset, error }: FetchProblem): Promise<void> {
    const { report } = this.#parts;
    const tail = this.#partitions.get(`${partition}/${name}`);
    const topic = this.#topics.get(name);
    if (!tail || !topic) return;
    const place = `${this.site}: ${name}/${partition}`;
    if (kind === 'out-of-range') {
      const [range] = await resolveOffsets(
        this.#kafka.admin(),
        [tail],
        { kind: 'oldest' },
        { kind: 'newest' },
      );
      const { start, end } = range!;
      // Behind the log's end only when the topic was made anew.
      const next = fetchOffset < start || fetchOffset > end ? start : fetchOffset;
      report(`${place}: offset ${fetchOffset} is gone, going on at ${next}`);
      tail.earliest = Math.min(tail.end, start);
      if (next >= tail.end) this.#reachedEnd(topic, tail);
      else this.#fetcher.seek(name, partition, next);
      return;
    }
    if (kind === 'unknown-topic') report(`${place} was deleted`);
    else if (this.#options.to !== null) throw error;
    else report(`${place}: ${error.message}; no more is shown of it`);
    this.#fetcher.remove(name, partition);
    tail.done = true;
    // Forgotten, so that a topic that is made again under this name is new.
    if (kind === 'unknown-topic') {
      this.#partitions.delete(`${partition}/${name}`);
      topic.partitions = topic.partitions.filter((other) => other !== tail);
    }
  }
}
