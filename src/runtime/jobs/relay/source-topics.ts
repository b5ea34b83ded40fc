import { DdsError } from '../../../errors/index.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { Admin, Fetcher, TopicDescription } from '../../kafka/index.ts';
import { deadLetterConfigs, deadLetterTopic } from './dead-letter.ts';
import { SourceCounts } from './partition-counts.ts';
import { type Position, positionKey } from './positions.ts';
import { RecordCopier } from './record-copier.ts';
import type { SourceOptions } from './source-options.ts';
import { SourcePartition, type SourceTopic } from './source-partition.ts';
import { SourceWatch } from './source-watch.ts';

export interface SourceTopicsOptions extends SourceOptions {
  fetcher: Fetcher;
  /** After each attempt to ask the source, also one in vain. */
  onTried(): void;
}

/** Follows which topics and partitions the source has: new ones, grown ones, those gone and those made again. */
export class SourceTopics {
  readonly source: SourceWatch;
  readonly counts = new SourceCounts();
  readonly #options: SourceTopicsOptions;
  readonly #admin: Admin;
  readonly #log: Logger;
  readonly #bySource = new Map<string, SourceTopic>();
  readonly #byTarget = new Map<string, SourceTopic>();
  #saved = new Map<string, Position>();
  #look = Promise.withResolvers<void>();

  constructor(options: SourceTopicsOptions) {
    this.#options = options;
    this.#admin = options.source.admin();
    this.#log = options.log;
    this.source = new SourceWatch(this.#admin, options);
  }

  partition(topic: string, partition: number): SourcePartition | undefined {
    return this.#bySource.get(topic)?.partitions[partition];
  }

  targetPartition(topic: string, partition: number): SourcePartition | undefined {
    return this.#byTarget.get(topic)?.partitions[partition];
  }

  all(): Iterable<SourceTopic> {
    return this.#bySource.values();
  }

  *partitions(): Generator<SourcePartition> {
    for (const { partitions } of this.#bySource.values()) for (const one of partitions) if (one) yield one;
  }

  /** Asks the source now instead of at the next turn. */
  look(): void {
    this.#look.resolve();
  }

  /** Asks the source again and again; never rejects. */
  async follow(saved: Map<string, Position>, signal: AbortSignal): Promise<void> {
    const { clock, refreshMs, onTried } = this.#options;
    this.#saved = saved;
    for (let waitMs = 100; !signal.aborted; waitMs = Math.min(1000, waitMs * 2)) {
      this.#look = Promise.withResolvers();
      const topics = await this.source.topics(signal);
      onTried();
      if (signal.aborted) return;
      if (topics) {
        await this.#update(topics, signal);
        waitMs = 50;
      }
      const awake = new AbortController();
      const sleep = clock.sleep(topics ? refreshMs : waitMs, AbortSignal.any([signal, awake.signal]));
      await Promise.race([sleep, this.#look.promise]);
      awake.abort();
    }
  }

  async #update(topics: readonly TopicDescription[], signal: AbortSignal): Promise<void> {
    const present = new Map(topics.map((topic) => [topic.name, topic]));
    for (const topic of [...this.#bySource.values()]) {
      const now = present.get(topic.name);
      if (!now) await this.#drop(topic, 'topic-deleted', signal);
      else if (now.id !== topic.id) await this.#drop(topic, 'topic-recreated', signal);
    }
    // One topic that cannot be followed, say because the target refuses it, is not the others' trouble.
    for (const topic of topics) {
      if (signal.aborted) return;
      try {
        await this.#follow(topic);
      } catch (error) {
        if (signal.aborted) return;
        this.#log.warn({ topic: topic.name, error: (error as Error).message }, 'cannot follow the topic yet');
      }
    }
  }

  async #follow(description: TopicDescription): Promise<void> {
    const { name, id, partitions } = description;
    const { targetTopics, fetcher } = this.#options;
    const known = this.#bySource.get(name);
    await this.#measure(known);
    // What stays under way may have no topic to go to any more.
    if (known?.partitions.some((one) => one && one.tracker.pending > 0)) targetTopics.forget(known.target);
    const missing = partitions
      .map(({ partition }) => partition)
      .filter((partition) => !known?.partitions[partition])
      .map((partition) => ({ topic: name, partition }));
    const topic = known ?? this.#sourceTopic(name, id);
    await targetTopics.ensure(topic.target, partitions.length, () => this.#admin.topicConfigs(name));
    if (missing.length === 0) return;
    const [starts, ends] = await Promise.all([
      this.#admin.offsets(missing, 'earliest'),
      this.#admin.offsets(missing, 'latest'),
    ]);
    if (!known) await this.#forgetOthers(name, id);
    this.#bySource.set(name, topic);
    this.#byTarget.set(topic.target, topic);
    for (const [index, { partition }] of missing.entries()) {
      const saved = this.#saved.get(positionKey({ topic: name, topicId: id, partition }));
      const position = saved?.offset ?? starts[index]!;
      const at = { position, savedOffset: saved?.offset ?? -1, highWatermark: ends[index]! };
      topic.partitions[partition] = new SourcePartition(
        topic,
        partition,
        at,
        this.counts.of(name, partition),
      );
      fetcher.seek(name, partition, position);
    }
    this.#log.info(
      { topic: name, partitions: partitions.length, added: missing.length },
      'topic is followed',
    );
  }

  #sourceTopic(name: string, id: string | null): SourceTopic {
    const { spec, targetSite, schemas, names } = this.#options;
    const target = names.target(name);
    const copier = new RecordCopier({
      sourceSite: spec.site,
      targetSite,
      sourceTopicId: id,
      targetTopic: target,
      keyIds: schemas.idsOf(`${name}-key`),
      valueIds: schemas.idsOf(`${name}-value`),
    });
    return { name, id, target, copier, partitions: [] };
  }

  /** Resolves when the dead-letter topic of a topic is at the target, with all its partitions. */
  async ensureDeadLetters({ target, partitions }: SourceTopic): Promise<void> {
    const configs = async () => deadLetterConfigs;
    await this.#options.targetTopics.ensure(deadLetterTopic(target), partitions.length, configs);
  }

  /** A partition that is not fetched doesn't hear how far its log has grown. */
  async #measure(topic: SourceTopic | undefined): Promise<void> {
    const still = topic?.partitions.filter((one) => one !== undefined && one.state !== 'open') ?? [];
    if (!topic || still.length === 0) return;
    const where = still.map((one) => ({ topic: topic.name, partition: one!.partition }));
    const ends = await this.#admin.offsets(where, 'latest');
    for (const [index, one] of still.entries())
      one!.highWatermark = Math.max(one!.highWatermark, ends[index]!);
  }

  /** Positions of earlier incarnations of a topic: it was made again while we were not looking. */
  async #forgetOthers(name: string, id: string | null): Promise<void> {
    const others = [...this.#saved.values()].filter((one) => one.topic === name && one.topicId !== id);
    if (others.length === 0) return;
    for (const { partition, offset, topicId } of others) {
      const incarnations = { oldTopicId: topicId, topicId: id };
      this.#log.error(
        { event: 'topic-recreated', topic: name, partition, from: offset, to: null, ...incarnations },
        'the source topic was deleted and made again; what was behind this offset is lost',
      );
    }
    for (const other of others) this.#saved.delete(positionKey(other));
    await this.#options.store.forget(others);
  }

  async #drop(
    topic: SourceTopic,
    event: 'topic-deleted' | 'topic-recreated',
    signal: AbortSignal,
  ): Promise<void> {
    const { fetcher } = this.#options;
    const partitions = topic.partitions.filter((one) => one !== undefined);
    for (const one of partitions) {
      one.state = 'closed';
      one.hold = null;
      fetcher.remove(topic.name, one.partition);
    }
    // Reports of what is under way name the topic only: the next incarnation must not hear them.
    await this.#settled(partitions, signal);
    this.#bySource.delete(topic.name);
    this.#byTarget.delete(topic.target);
    for (const { partition, tracker, highWatermark } of partitions) {
      const key = { topic: topic.name, topicId: topic.id, partition };
      this.#saved.set(positionKey(key), { ...key, offset: tracker.position });
      if (tracker.position < highWatermark) {
        this.#lost(topic.name, partition, tracker.position, highWatermark, event);
      }
    }
    this.#log.warn({ event, topic: topic.name, topicId: topic.id }, 'the source topic is gone');
  }

  /** Resolves when nothing of them is on its way to the target, or the signal aborts. */
  async #settled(partitions: readonly SourcePartition[], signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (partitions.some(({ tracker }) => tracker.pending > 0) && !signal.aborted)
      await clock.sleep(20, signal);
  }

  #lost(topic: string, partition: number, from: number, to: number, event: string): void {
    this.counts.of(topic, partition).lostRecords += to - from;
    this.#log.error(
      { event, topic, partition, from, to, records: to - from },
      `the source lost records before they were relayed: offsets ${from} to ${to - 1}`,
    );
  }

  /**
   * Moves a partition whose position the source's log doesn't have (any more) to where the log goes on, and reports what
   * is lost between; not for longer than until the signal aborts. Throws when that can't be told now.
   */
  async backInRange(partition: SourcePartition, signal: AbortSignal): Promise<void> {
    const { topic, tracker } = partition;
    const where = [{ topic: topic.name, partition: partition.partition }];
    const [[now], [start], [end]] = await Promise.all([
      this.#admin.describeTopics([topic.name]),
      this.#admin.offsets(where, 'earliest'),
      this.#admin.offsets(where, 'latest'),
    ]);
    if (now?.id !== topic.id) {
      this.look();
      throw new DdsError('DDS_UNKNOWN_TOPIC', `${topic.name} was deleted and made again at the source`);
    }
    const from = partition.nextFetch;
    if (from < start!) {
      partition.counts.lostRecords += start! - from;
      this.#log.error(
        { event: 'records-lost', ...where[0], from, to: start, records: start! - from },
        `the source deleted records before they were relayed: offsets ${from} to ${start! - 1}`,
      );
      partition.nextFetch = start!;
      tracker.add(start!, 0);
    } else if (from > end!) {
      this.#log.error(
        { event: 'source-truncated', ...where[0], from, to: end },
        `the source's log ends at ${end}, before the relay's position ${from}; going on at its end`,
      );
      await this.#settled([partition], signal);
      if (signal.aborted) return;
      tracker.restart(end!);
      partition.nextFetch = end!;
    }
    partition.highWatermark = end!;
  }
}
