import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import { readJson, unusable } from '../storage/data-directory.ts';
import type { StorageHealth } from '../storage/health.ts';
import type { Directory } from '../storage/interface.ts';
import type { Configs } from './configs.ts';
import { Leadership, type LeadershipRecord } from './leadership.ts';
import type { Nodes } from './nodes.ts';
import { PartitionLog } from './partition-log.ts';
import { isBrokerTopic, newTopicId } from './topic-names.ts';

const CATALOGUE = 'topics.json';
/** Small, so that the part that compaction never touches, and every start reads, stays small. */
const OWN_CONFIGS = { 'cleanup.policy': 'compact', 'segment.bytes': String(16 * 1024 * 1024) };

export interface Topic {
  readonly name: string;
  /** KIP-516. */
  readonly id: string;
  readonly internal: boolean;
  configs: Readonly<Record<string, string>>;
  readonly partitions: PartitionLog[];
}

interface CatalogueEntry {
  name: string;
  id: string;
  partitions: number;
  configs: Record<string, string>;
  /** By partition; absent where the only node leads in its first epoch. */
  leadership?: LeadershipRecord[];
}

export interface TopicsOptions {
  root: Directory;
  configs: Configs;
  nodes: Nodes;
  clock: Clock;
  health: StorageHealth;
  log: Logger;
}

/** The catalogue of topics and their logs. Every change is on disk before the call returns. */
export class Topics {
  readonly #root: Directory;
  readonly #configs: Configs;
  readonly #nodes: Nodes;
  readonly #clock: Clock;
  readonly #health: StorageHealth;
  readonly #log: Logger;
  readonly #byName = new Map<string, Topic>();
  readonly #byId = new Map<string, Topic>();
  #isUnsaved = false;
  #isClosed = false;
  /** Another number whenever there are other topics or partitions. */
  revision = 0;
  /** Called after a topic has gone. */
  onDeleted: (topic: string) => void = () => {};

  constructor({ root, configs, nodes, clock, health, log }: TopicsOptions) {
    this.#root = root;
    this.#configs = configs;
    this.#nodes = nodes;
    this.#clock = clock;
    this.#health = health;
    this.#log = log;
  }

  /** Opens every log; `clean` says that the broker stopped cleanly. */
  load(clean: boolean): void {
    const { ids, isUp } = this.#nodes;
    let isChanged = false;
    const entries = readJson<CatalogueEntry[]>(this.#root, CATALOGUE) ?? [];
    const known = new Set(
      entries.flatMap(({ name, partitions }) => range(partitions).map((p) => `${name}-${p}`)),
    );
    const logs = this.#root.list().filter((name) => /-\d+$/.test(name));
    // Never taken for "no topics": all logs would go.
    if (entries.length === 0 && logs.length > 0 && !this.#root.read(CATALOGUE))
      throw unusable(this.#root, `${CATALOGUE} is missing, and there are logs of ${logs.length} partitions`);
    // A deletion that a crash cut short: the catalogue decides what exists.
    for (const name of logs) if (!known.has(name)) this.#root.remove(name);
    for (const entry of entries)
      this.#add(entry, clean, (partition, endOffset) => {
        const kept = entry.leadership?.[partition];
        if (!kept) return new Leadership([ids[0]!], isUp);
        const leadership = Leadership.restored(kept, ids, endOffset);
        isChanged ||= leadership.epoch !== kept.epoch;
        return leadership;
      });
    // An epoch is kept before a batch carries it.
    if (isChanged) this.#save();
  }

  #add(entry: CatalogueEntry, clean: boolean, leadershipOf: LeadershipOf): Topic {
    const { name, id, configs } = entry;
    const topic: Topic = { name, id, configs, internal: isBrokerTopic(name), partitions: [] };
    this.revision++;
    this.#byName.set(name, topic);
    this.#byId.set(id, topic);
    for (const partition of range(entry.partitions))
      topic.partitions.push(this.#open(topic, partition, clean, leadershipOf));
    return topic;
  }

  #open(topic: Topic, partition: number, clean: boolean, leadershipOf: LeadershipOf): PartitionLog {
    return new PartitionLog({
      topic: topic.name,
      partition,
      directory: this.#root.directory(`${topic.name}-${partition}`),
      settings: this.#configs.topicSettings(topic.configs),
      clean,
      health: this.#health,
      log: this.#log,
      nowMs: this.#clock.now(),
      leadership: (endOffset) => leadershipOf(partition, endOffset),
    });
  }

  #save(): void {
    const node = this.#nodes.ids[0]!;
    const entries = this.all().map(({ name, id, configs, partitions }): CatalogueEntry => {
      const isPlain = partitions.every(({ leadership }) => leadership.isPlain(node));
      const leadership = isPlain ? {} : { leadership: partitions.map((log) => log.leadership.record) };
      return { name, id, partitions: partitions.length, configs, ...leadership };
    });
    this.#root.replace(CATALOGUE, Buffer.from(JSON.stringify(entries, null, 1)));
    this.#isUnsaved = false;
  }

  all(): Topic[] {
    return [...this.#byName.values()];
  }

  get(name: string): Topic | undefined {
    return this.#byName.get(name);
  }

  byId(id: string): Topic | undefined {
    return this.#byId.get(id);
  }

  partition(name: string, partition: number): PartitionLog | undefined {
    return this.#byName.get(name)?.partitions[partition];
  }

  /** Replicas of partitions as the broker chooses them; `factor` is at most the number of nodes. */
  place(partitions: number, factor = this.#configs.number('default.replication.factor')): number[][] {
    return this.#nodes.place(partitions, Math.min(factor, this.#nodes.ids.length), this.#byName.size);
  }

  /** `creationProblem` has been asked before. `replicas` by partition, the preferred leader first. */
  create(
    name: string,
    partitions: number,
    configs: Readonly<Record<string, string>> = {},
    replicas: readonly number[][] = this.place(partitions),
  ): Topic {
    // The catalogue would have this topic alone, and the next start would remove the logs of all others.
    if (this.#isClosed) throw new Error(`topic ${name} cannot be created: the broker has stopped`);
    try {
      const entry = { name, id: newTopicId(), partitions, configs: { ...configs } };
      const topic = this.#add(entry, true, (p) => new Leadership(replicas[p]!, this.#nodes.isUp));
      this.#save();
      this.#log.info({ topic: name, partitions, configs }, 'topic created');
      return topic;
    } catch (error) {
      this.#forget(name);
      for (const partition of range(partitions)) this.#root.remove(`${name}-${partition}`);
      throw error;
    }
  }

  /** Where the broker keeps state of its own, made when first needed; null when the disk does not take it, or after the end. */
  ownLog(name: string): PartitionLog | null {
    if (this.#isClosed) return null;
    const topic = this.#health.attempt(name, () => this.get(name) ?? this.create(name, 1, OWN_CONFIGS));
    return topic?.partitions[0] ?? null;
  }

  #forget(name: string): void {
    const topic = this.#byName.get(name);
    if (!topic) return;
    this.revision++;
    this.#byName.delete(name);
    this.#byId.delete(topic.id);
    for (const log of topic.partitions) log.close(false);
  }

  delete(topic: Topic): void {
    this.#forget(topic.name);
    // On a full disk the catalogue can only be written when the logs have made room, here or elsewhere.
    this.#isUnsaved = true;
    this.saveUnsaved();
    for (const log of topic.partitions) {
      this.#root.remove(`${topic.name}-${log.partition}`);
      log.wakeListeners();
    }
    this.saveUnsaved();
    this.#log.info({ topic: topic.name }, 'topic deleted');
    this.onDeleted(topic.name);
  }

  /** Keeps who leads which partition. */
  saveLeaders(): void {
    this.#isUnsaved = true;
    this.saveUnsaved();
  }

  /** Keeps a change that the disk did not take. */
  saveUnsaved(): void {
    if (this.#isUnsaved) this.#health.attempt(CATALOGUE, () => this.#save());
  }

  /** `replicas` of the new partitions, by default as many as the first one has. */
  addPartitions(topic: Topic, count: number, replicas?: readonly number[][]): void {
    this.revision++;
    const before = topic.partitions.length;
    const factor = topic.partitions[0]!.leadership.replicas.length;
    const placed = replicas ?? this.place(count, factor).slice(before);
    try {
      for (let partition = before; partition < count; partition++) {
        topic.partitions.push(
          this.#open(topic, partition, true, (p) => new Leadership(placed[p - before]!, this.#nodes.isUp)),
        );
      }
      this.#save();
    } catch (error) {
      for (const log of topic.partitions.splice(before)) log.close(false);
      for (let partition = before; partition < count; partition++)
        this.#root.remove(`${topic.name}-${partition}`);
      throw error;
    }
  }

  setConfigs(topic: Topic, configs: Readonly<Record<string, string>>): void {
    const before = topic.configs;
    topic.configs = configs;
    try {
      this.#save();
    } catch (error) {
      topic.configs = before;
      throw error;
    }
    this.#apply(topic);
  }

  /** The broker's defaults have changed. */
  refreshSettings(): void {
    for (const topic of this.all()) this.#apply(topic);
  }

  #apply(topic: Topic): void {
    const settings = this.#configs.topicSettings(topic.configs);
    for (const log of topic.partitions) log.settings = settings;
  }

  close(save: boolean): void {
    this.#isClosed = true;
    for (const topic of this.all()) for (const log of topic.partitions) log.close(save);
    this.#byName.clear();
    this.#byId.clear();
  }
}

type LeadershipOf = (partition: number, endOffset: number) => Leadership;

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
