import { type Clock, systemClock } from '../../../shared/clock.ts';
import type {
  Fetcher,
  GroupGeneration,
  GroupMembership,
  Kafka,
  Producer,
  TopicPartition,
} from '../../kafka/index.ts';
import { isPartitionsLost, partitionFor } from '../../kafka/index.ts';
import { isPromise } from '../done.ts';
import { type SubTopology, subTopologies } from '../graph/sub-topologies.ts';
import type { Plan } from '../plan.ts';
import type { Headers } from '../processor.ts';
import type { KeyValueStore } from '../stores/key-value-store.ts';
import type { StateStore } from '../stores/state-store.ts';
import { type InputRecord, TaskProgram } from '../task-program.ts';
import type { Topology } from '../topology.ts';
import { LiveTask } from './live-task.ts';
import { restoreStores } from './restore.ts';
import { type InstanceTasks, TaskAssignor, type TaskUnit } from './task-assignor.ts';

export interface StreamsOptions {
  kafka: Kafka;
  /** Time between two commits, ms. Default 1000. */
  commitIntervalMs?: number;
  /** How long to wait for an empty partition of a task, ms; -1 never. Default 0: until it is known to have nothing. */
  maxTaskIdleMs?: number;
  /** What becomes of a record that cannot be decoded or worked on. Default `fail`. */
  onError?: 'fail' | 'skip' | { deadLetterTopic: string };
  clock?: Clock;
  /** Called between the steps of a commit: for tests that stop an instance there. */
  onCommitStep?: (step: 'written' | 'committed') => void;
  sessionTimeoutMs?: number;
}

/** So many records of a task may wait before its partitions are paused. */
const bufferLimit = 10_000;
const pollMs = 100;

/**
 * Runs a topology on a cluster, at least once: positions are committed after all that they led to is written, and state that
 * was written for work that was not committed is left out when it is read back.
 */
export class StreamsApp {
  readonly #topology: Topology;
  readonly #options: Required<
    Pick<StreamsOptions, 'commitIntervalMs' | 'maxTaskIdleMs' | 'onError' | 'clock'>
  > &
    StreamsOptions;
  readonly #subs: readonly SubTopology[];
  readonly #tasks = new Map<string, LiveTask>();
  readonly #globals = new Map<string, StateStore>();
  readonly #stop = new AbortController();
  readonly #partitions = new Map<string, number>();
  #producer!: Producer;
  #fetcher!: Fetcher;
  #running: Promise<void> | null = null;

  constructor(topology: Topology, options: StreamsOptions) {
    this.#topology = topology;
    this.#options = {
      commitIntervalMs: 1000,
      maxTaskIdleMs: 0,
      onError: 'fail',
      clock: systemClock,
      ...options,
    };
    this.#subs = subTopologies(topology.graph).filter(({ isGlobal }) => !isGlobal);
  }

  /** Resolves once the instance has been given tasks, or none. Rejects for topics that are missing or do not fit. */
  async start(): Promise<void> {
    const { kafka } = this.#options;
    const plan = await this.#prepare();
    this.#producer = kafka.producer();
    await this.#producer.start();
    this.#fetcher = kafka.fetcher({ maxWaitMs: pollMs });
    await this.#loadGlobals();
    const units = this.#units(plan);
    const group = kafka.group({
      groupId: plan.id,
      topics: [...new Set(units.flatMap(({ partitions }) => partitions.map(({ topic }) => topic)))],
      assignor: new TaskAssignor(plan.fingerprint, units, () => [...this.#tasks.keys()]),
      ...(this.#options.sessionTimeoutMs && { sessionTimeoutMs: this.#options.sessionTimeoutMs }),
      heartbeatIntervalMs: 200,
    });
    const joined = Promise.withResolvers<void>();
    this.#running = this.#run(group, () => joined.resolve());
    this.#running.catch((error: unknown) => joined.reject(error));
    await joined.promise;
  }

  /** Rejects with what ended the instance, resolves when it was closed. */
  get ended(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  /** Finishes the record at hand, commits, and leaves the group. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running?.catch(() => undefined);
    await this.#fetcher?.close();
    await this.#producer?.close();
  }

  /** Ends at once, as a crash would: nothing is committed, the group is not told. */
  async kill(): Promise<void> {
    this.#killed = true;
    this.#stop.abort();
    await this.#running?.catch(() => undefined);
    await this.#fetcher?.close();
    await this.#producer?.close(AbortSignal.abort());
  }
  #killed = false;

  /** Rows of a store, of the tasks that this instance has. */
  *entries<K, V>(store: string): IterableIterator<{ key: K; value: V; timestamp: number }> {
    const global = this.#globals.get(store);
    const found = global
      ? [global]
      : [...this.#tasks.values()].map(({ program }) => program.stores.get(store));
    for (const one of found) {
      if (one)
        yield* (one as KeyValueStore).entries() as IterableIterator<{ key: K; value: V; timestamp: number }>;
    }
  }

  /** Tasks of this instance, with what they have done. */
  info() {
    return [...this.#tasks.values()].map(({ id, processed, group, program }) => ({
      ...{ task: id, processed, waiting: group.size() },
      drops: Object.fromEntries(program.drops),
      stores: [...program.stores.values()].map(({ name, rows, bytes }) => ({ store: name, rows, bytes })),
    }));
  }

  async #prepare(): Promise<Plan> {
    const admin = this.#options.kafka.admin();
    for (const { name, partitions } of await admin.listTopics())
      this.#partitions.set(name, partitions.length);
    const plan = this.#topology.plan((topic) => this.#partitions.get(topic));
    const internal = [...plan.repartitionTopics, ...plan.changelogs.values()];
    for (const { name, partitions } of internal) {
      const found = this.#partitions.get(name);
      if (found !== undefined && found !== partitions)
        throw new Error(
          `${name} has ${found} partitions and needs ${partitions}; reset the job ${plan.id}, or give it another id`,
        );
    }
    const missing = internal.filter(({ name }) => !this.#partitions.has(name));
    if (missing.length > 0) await admin.createTopics(missing);
    for (const { name, partitions } of missing) this.#partitions.set(name, partitions);
    return plan;
  }

  #units(plan: Plan): TaskUnit[] {
    return plan.subTopologies.flatMap(({ id, topics, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => ({
        id: `${id}_${partition}`,
        partitions: topics
          .filter((topic) => partition < this.#partitions.get(topic)!)
          .map((topic): TopicPartition => ({ topic, partition })),
      })),
    );
  }

  /** Global tables are whole before anything else runs. */
  async #loadGlobals(): Promise<void> {
    const { graph } = this.#topology;
    for (const sub of subTopologies(graph).filter(({ isGlobal }) => isGlobal)) {
      const program = new TaskProgram(graph, sub, { send: () => undefined, changelog: () => undefined });
      for (const [name, store] of program.stores) this.#globals.set(name, store);
      for (const topic of program.topics) {
        const count = this.#partitions.get(topic)!;
        for (let partition = 0; partition < count; partition++) {
          const [store] = program.stores.values();
          await restoreStores(
            this.#options.kafka,
            new Map([[topic, store!]]),
            partition,
            null,
            this.#stop.signal,
          );
        }
        this.#followGlobal(program, topic, count);
      }
    }
  }

  /** Goes on reading a global table beside everything else. */
  #followGlobal(program: TaskProgram, topic: string, count: number): void {
    const { kafka } = this.#options;
    const follow = async (): Promise<void> => {
      const fetcher = kafka.fetcher({ maxWaitMs: pollMs });
      try {
        const partitions = Array.from({ length: count }, (_, partition) => ({ topic, partition }));
        // From the start again: a row that is put twice is the same row.
        for (const { partition } of partitions) fetcher.seek(topic, partition, 0);
        while (!this.#stop.signal.aborted) {
          for (const { records } of (await fetcher.poll(pollMs, this.#stop.signal)).partitions) {
            while (records.next()) {
              const { timestamp } = records;
              await program.process(topic, {
                key: records.key(),
                value: records.value(),
                timestamp,
                headers: [],
              });
            }
          }
        }
      } finally {
        await fetcher.close();
      }
    };
    follow().catch(() => undefined);
  }

  async #run(group: GroupMembership, onJoined: () => void): Promise<void> {
    const { signal } = this.#stop;
    try {
      while (!signal.aborted) {
        const generation = await group.join(signal);
        await this.#takeOver(generation, group);
        onJoined();
        await this.#work(generation, group);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      if (!this.#killed) await group.leave();
    }
  }

  /** Drops the tasks that went to others, and makes those that are new, with their state. */
  async #takeOver(generation: GroupGeneration, group: GroupMembership): Promise<void> {
    const told = JSON.parse(generation.userData.toString() || '{"tasks":[]}') as InstanceTasks;
    if (told.refused !== undefined) {
      throw new Error(
        `the job ${this.#topology.id} runs elsewhere with another topology; stop those instances first, or give this one another id`,
      );
    }
    for (const [id, task] of this.#tasks) {
      if (told.tasks.includes(id)) continue;
      for (const { topic, partition } of task.sources) this.#fetcher.remove(topic, partition);
      this.#tasks.delete(id);
    }
    for (const id of told.tasks) if (!this.#tasks.has(id)) await this.#open(id, generation, group);
  }

  async #open(id: string, generation: GroupGeneration, group: GroupMembership): Promise<void> {
    const { graph } = this.#topology;
    const { kafka, maxTaskIdleMs } = this.#options;
    const [sub, partition] = id.split('_').map(Number) as [number, number];
    const own = this.#subs.find((one) => one.id === sub)!;
    const topics = this.#units(this.#topology.plan((topic) => this.#partitions.get(topic)))
      .find((unit) => unit.id === id)!
      .partitions.map(({ topic }) => topic);
    const task = new LiveTask(graph, own, partition, topics, this.#send, this.#globals, maxTaskIdleMs);
    const committed = await group.committed(task.sources);
    const signal = AbortSignal.any([this.#stop.signal, generation.ended]);
    const positions = new Map(committed.map(({ topic, offset }) => [topic, offset]));
    try {
      await restoreStores(kafka, task.changelogs(graph), partition, positions, signal);
    } catch (error) {
      // The group moved on while state was read: the next generation says who reads it again.
      if (signal.aborted) return;
      throw error;
    }
    const admin = kafka.admin();
    const [starts, ends] = await Promise.all([
      admin.offsets(task.sources, 'earliest'),
      admin.offsets(task.sources, 'latest'),
    ]);
    committed.forEach(({ topic, offset, metadata }, at) => {
      const next = offset < 0 ? starts[at]! : offset;
      if (next < starts[at]!)
        throw new Error(
          `${topic}/${partition}: offset ${next} is gone, the log begins at ${starts[at]}; reset the job to go on`,
        );
      const { time = -1, streamTime = -1 } = (metadata ? JSON.parse(metadata) : {}) as {
        time?: number;
        streamTime?: number;
      };
      task.positions.set(topic, { next, time });
      task.program.streamTime = Math.max(task.program.streamTime, streamTime);
      if (offset >= 0) task.noteCommitted(topic, offset);
      task.group.setLag(topic, ends[at]! - next);
      this.#fetcher.seek(topic, partition, next);
    });
    this.#tasks.set(id, task);
  }

  /** Reads and works until the group rebalances or the instance is closed; commits at the end of it. */
  async #work(generation: GroupGeneration, group: GroupMembership): Promise<void> {
    const { clock, commitIntervalMs } = this.#options;
    const over = AbortSignal.any([generation.ended, this.#stop.signal]);
    let committedAt = clock.monotonic();
    while (!over.aborted) {
      await this.#read(over);
      for (const task of this.#tasks.values()) {
        while (task.group.isReady(clock.monotonic())) {
          const done = task.step((error, place, record) => this.#failed(error, place, record));
          if (isPromise(done)) await done;
          if (over.aborted) break;
        }
        await task.program.punctuate(clock.now());
      }
      if (clock.monotonic() - committedAt >= commitIntervalMs && !over.aborted) {
        await this.#commit(group, generation);
        committedAt = clock.monotonic();
      }
    }
    if (!this.#killed) await this.#commit(group, generation);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const busy = [...this.#tasks.values()].some((task) =>
      task.group.isReady(this.#options.clock.monotonic()),
    );
    const { partitions, problems } = await this.#fetcher
      .poll(busy ? 0 : pollMs, signal)
      .catch((error: unknown) => {
        if (signal.aborted) return { partitions: [], problems: [] };
        throw error;
      });
    for (const { topic, partition, error } of problems)
      throw new Error(`${topic}/${partition}: ${error.message}`, { cause: error });
    const tasks = [...this.#tasks.values()];
    for (const fetched of partitions) {
      const task = tasks.find(
        (one) => one.partition === fetched.partition && one.positions.has(fetched.topic),
      );
      task?.take(fetched);
    }
    for (const task of tasks) {
      for (const { topic, partition } of task.sources) {
        if (task.group.size(topic) > bufferLimit) this.#fetcher.pause(topic, partition);
        else this.#fetcher.resume(topic, partition);
      }
    }
  }

  /**
   * The one place where work becomes done: outputs and state first, then positions. An instance that the group has put out
   * gives up what it has.
   */
  async #commit(group: GroupMembership, generation: GroupGeneration): Promise<void> {
    const offsets = [...this.#tasks.values()].flatMap((task) => task.offsets());
    for (const task of this.#tasks.values()) task.writeState(this.#producer);
    await this.#producer.flush();
    this.#options.onCommitStep?.('written');
    if (offsets.length === 0) return;
    if (generation.isLost) return this.#giveUp();
    try {
      await group.commit(offsets);
    } catch (error) {
      if (isPartitionsLost(error)) return this.#giveUp();
      throw error;
    }
    this.#options.onCommitStep?.('committed');
    for (const task of this.#tasks.values())
      for (const { topic, offset } of offsets.filter(({ partition }) => partition === task.partition))
        if (task.positions.has(topic)) task.noteCommitted(topic, offset);
    await this.#purge(offsets);
  }

  /** Others may own the tasks by now: all of them are read anew. */
  #giveUp(): void {
    for (const task of this.#tasks.values())
      for (const { topic, partition } of task.sources) this.#fetcher.remove(topic, partition);
    this.#tasks.clear();
  }

  /** Records of repartition topics are of no use once they are worked on. */
  async #purge(offsets: readonly (TopicPartition & { offset: number })[]): Promise<void> {
    const { graph } = this.#topology;
    const internal = new Set([...graph.repartitions.keys()].map((name) => `${graph.id}-${name}`));
    const done = offsets.filter(({ topic }) => internal.has(topic));
    if (done.length > 0)
      await this.#options.kafka
        .admin()
        .deleteRecords(done)
        .catch(() => undefined);
  }

  readonly #send = (
    topic: string,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers,
  ): void => {
    const count = this.#partitions.get(topic);
    if (count === undefined) throw new Error(`there is no topic ${topic} to write to`);
    const partition = key ? partitionFor(key, count) : Math.floor(Math.random() * count);
    this.#producer.append(topic, partition, key, value, timestamp, headers, 0);
  };

  #failed(
    error: unknown,
    { topic, partition, offset }: TopicPartition & { offset: number },
    record: InputRecord,
  ): void {
    const { onError } = this.#options;
    const reason = error instanceof Error ? error.message : String(error);
    if (onError === 'skip') return;
    if (onError === 'fail')
      throw new Error(`record ${topic}/${partition}@${offset} failed: ${reason}`, { cause: error });
    const text = (key: string, value: string) => ({ key, value: Buffer.from(value) });
    const headers = [
      ...record.headers,
      text('dds-error', reason),
      text('dds-source', `${topic}/${partition}@${offset}`),
    ];
    this.#send(onError.deadLetterTopic, record.key, record.value, record.timestamp, headers);
  }
}

/** Makes an instance of a job; `start()` joins its group. */
export const streams = (topology: Topology, options: StreamsOptions): StreamsApp =>
  new StreamsApp(topology, options);
