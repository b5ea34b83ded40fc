import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../shared/clock.ts';
import type { GroupGeneration, GroupMembership, TopicPartition } from '../../kafka/index.ts';
import { isUnreachable, partitionFor } from '../../kafka/index.ts';
import { isPromise } from '../done.ts';
import { internalTopics, type Plan } from '../plan.ts';
import type { Headers } from '../processor.ts';
import type { KeyValueStore } from '../stores/key-value-store.ts';
import type { WindowStore } from '../stores/window-store.ts';
import type { Topology } from '../topology.ts';
import { Breather } from './breather.ts';
import { ErrorHandlers } from './error-handlers.ts';
import { ExactlyOnce } from './exactly-once.ts';
import { GlobalTables } from './global-tables.ts';
import { AtLeastOnce, type Guarantee } from './guarantee.ts';
import { checkPartitions, prepareTopics, taskUnits } from './internal-topics.ts';
import { prepareSerdes } from './prepare-serdes.ts';
import { type StoreView, storeView } from './store-view.ts';
import { type StreamsInfo, storesInfo, taskInfo } from './streams-info.ts';
import type { StreamsOptions } from './streams-options.ts';
import { TaskAssignor } from './task-assignor.ts';
import { pollMs, TaskSet } from './task-set.ts';

/** New partitions of an input are noticed after this time. */
const checkPartitionsMs = 5000;

/** Runs a topology on a cluster: reads, works, and commits what that led to, by the guarantee that was chosen. */
export class StreamsApp implements AsyncDisposable {
  readonly #topology: Topology;
  readonly #options: Required<
    Pick<StreamsOptions, 'guarantee' | 'commitIntervalMs' | 'maxTaskIdleMs' | 'clock'>
  > &
    StreamsOptions;
  readonly #errors: ErrorHandlers;
  readonly #onInputError: ErrorHandlers['input'];
  #tasks!: TaskSet;
  #globals: GlobalTables | null = null;
  #failure: unknown = null;
  readonly #stop = new AbortController();
  readonly #partitions = new Map<string, number>();
  #guarantee!: Guarantee;
  #plan!: Plan;
  #running: Promise<void> | null = null;

  constructor(topology: Topology, options: StreamsOptions) {
    this.#topology = topology;
    const { guarantee = 'at-least-once' } = options;
    this.#options = {
      guarantee,
      commitIntervalMs: guarantee === 'exactly-once' ? 100 : 1000,
      maxTaskIdleMs: 0,
      clock: systemClock,
      ...options,
    };
    this.#errors = new ErrorHandlers(options.onError ?? 'fail', (...record) => this.#send(...record));
    this.#onInputError = (error, ...place) => {
      // What was given up because the instance ends has not failed: it is done again.
      if (this.#stop.signal.aborted) throw error;
      this.#errors.input(error, ...place);
    };
  }

  /** Resolves once the instance has been given tasks, or none. Rejects for topics that are missing or do not fit. */
  async start(): Promise<void> {
    const { kafka, maxTaskIdleMs, clock } = this.#options;
    const plan = await prepareTopics(this.#topology, kafka, this.#partitions, {
      deadLetterTopics: this.#errors.topics,
      grow: this.#options.whenPartitionsGrow === 'go-on',
    });
    this.#plan = plan;
    await prepareSerdes(this.#topology.graph);
    this.#guarantee = this.#guaranteeOf(plan.id);
    // Before any position is read: what an instance of this name left open has to be over.
    await this.#guarantee.start();
    this.#globals = await GlobalTables.load(
      ...[this.#topology.graph, kafka, this.#partitions, this.#stop.signal, this.#onInputError],
    );
    // A table that can no longer be followed would go stale in silence.
    this.#globals.failed.catch((error: unknown) => this.#fail(error));
    const byId = taskUnits(plan, this.#partitions);
    const units = [...byId.values()];
    this.#tasks = new TaskSet({
      ...{ graph: this.#topology.graph, kafka, units: byId, globals: this.#globals.stores },
      ...{ maxTaskIdleMs, clock, signal: this.#stop.signal, hasMarks: this.#guarantee.hasMarks },
      output: { send: this.#send, unwritable: (...failure) => this.#errors.output(...failure) },
    });
    const group = kafka.group({
      groupId: plan.id,
      topics: [...new Set(units.flatMap(({ partitions }) => partitions.map(({ topic }) => topic)))],
      assignor: new TaskAssignor(plan.fingerprint, units, () => this.#tasks.ids),
      ...(this.#options.sessionTimeoutMs && { sessionTimeoutMs: this.#options.sessionTimeoutMs }),
      heartbeatIntervalMs: 200,
    });
    const joined = Promise.withResolvers<void>();
    this.#running = this.#run(group, () => joined.resolve());
    // One that was closed or killed meanwhile has nothing to wait for.
    this.#running.then(
      () => joined.resolve(),
      (error: unknown) => joined.reject(error),
    );
    await joined.promise;
    if (this.#stop.signal.aborted) await this.#release();
  }

  #guaranteeOf(group: string): Guarantee {
    const {
      guarantee,
      kafka,
      clock,
      instanceId = randomUUID(),
      transactionTimeoutMs = 10_000,
    } = this.#options;
    if (guarantee === 'at-least-once') return new AtLeastOnce(kafka);
    const transactionalId = `${group}-${instanceId}`;
    return new ExactlyOnce({ kafka, group, transactionalId, transactionTimeoutMs, clock });
  }

  /** Rejects with what ended the instance, resolves when it was closed. */
  get ended(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  /** Finishes the record at hand, commits, and leaves the group. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running?.catch(() => undefined);
    await this.#tasks?.fetcher.close();
    await this.#guarantee?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Ends at once, as a crash would: nothing is committed, the group is not told. Heartbeats end with `kafka.close()`. */
  async kill(): Promise<void> {
    this.#killed = true;
    this.#stop.abort();
    await this.#running?.catch(() => undefined);
    await this.#release();
  }
  #killed = false;

  async #release(): Promise<void> {
    await this.#tasks?.fetcher.close();
    await this.#guarantee?.close(AbortSignal.abort());
  }

  /** A store, with the rows of the tasks that this instance has; a global table is whole. */
  store<K, V>(name: string): StoreView<K, V> {
    const find = () => {
      const global = this.#globals?.stores.get(name);
      return global ? [global] : (this.#tasks?.all ?? []).map(({ program }) => program.stores.get(name));
    };
    return storeView(find as () => (KeyValueStore | WindowStore | undefined)[]);
  }

  /** Set while brokers of its inputs do not answer: what `info` tells is then what was last heard. */
  get unreachable(): Error | null {
    return this.#tasks?.fetcher.unreachable ?? null;
  }

  /** Tasks of this instance, with what they have done. */
  info(): StreamsInfo {
    return {
      id: this.#topology.id,
      tasks: (this.#tasks?.all ?? []).map(taskInfo),
      restoring: [...(this.#tasks?.restoring ?? [])].map(([task, progress]) => ({ task, ...progress })),
      failed: { ...this.#errors.counts },
      deadLetters: this.#errors.deadLetters,
      latencyMs: this.#latencyMs,
      globalTables: storesInfo(this.#globals?.stores.values() ?? []),
    };
  }
  /** From the time of a record to the commit of it, as last seen; null before the first. */
  #latencyMs: number | null = null;

  async #run(group: GroupMembership, onJoined: () => void): Promise<void> {
    const { signal } = this.#stop;
    try {
      while (!signal.aborted) {
        const generation = await group.join(signal);
        await this.#tasks.takeOver(generation, group);
        onJoined();
        await this.#work(generation, group);
      }
    } catch (error) {
      // A successor should not have to wait for what is given up here.
      if (!this.#killed && !isUnreachable(error)) await this.#guarantee.giveUp().catch(() => undefined);
      if (!signal.aborted) throw error;
      if (this.#failure) throw this.#failure;
    } finally {
      // The followers of global tables end with it, and the group is told unless this is a crash.
      if (!this.#killed) await group.leave();
      this.#stop.abort();
      await this.#globals?.closed;
    }
  }

  /** Reads and works until the group rebalances or the instance is closed; commits at the end of it. */
  async #work(generation: GroupGeneration, group: GroupMembership): Promise<void> {
    const { clock, commitIntervalMs } = this.#options;
    const over = AbortSignal.any([generation.ended, this.#stop.signal]);
    let isOver = over.aborted;
    let isGivenUp = false;
    over.addEventListener('abort', () => {
      isOver = true;
    });
    let committedAt = clock.monotonic();
    let checkedAt = committedAt;
    const commit = async () => {
      if (!(await this.#commit(group, generation))) isOver = isGivenUp = true;
      committedAt = clock.monotonic();
    };
    const leftMs = () => commitIntervalMs - (clock.monotonic() - committedAt);
    const breather = new Breather(async () => {
      if (leftMs() <= 0 && !isOver) await commit();
    });
    while (!isOver) {
      const direct = await this.#tasks.read(over, Math.max(0, Math.min(pollMs, leftMs())));
      for (const { task, fetched } of direct) {
        const isDone =
          !isOver && (await task.workThrough(fetched, this.#onInputError, commit, breather, () => isOver));
        if (!isDone) this.#tasks.rewind(task);
      }
      for (const task of this.#tasks.all) {
        while (!isOver && task.group.isReady(clock.monotonic())) {
          const done = task.step(this.#onInputError);
          if (isPromise(done)) await done;
          if (task.program.commitRequested) await commit();
          if (breather.isDue(isPromise(done))) await breather.breathe();
        }
        if (!isOver) await task.punctuate(clock.now());
      }
      if (leftMs() <= 0 && !isOver) await commit();
      if (clock.monotonic() - checkedAt >= checkPartitionsMs && !isOver) {
        await checkPartitions(this.#plan, this.#options.kafka, this.#partitions);
        checkedAt = clock.monotonic();
      }
    }
    if (!this.#killed && !isGivenUp) await commit();
  }

  /** The one place where work becomes done. False when it was given up: the tasks are then to be made anew. */
  async #commit(group: GroupMembership, generation: GroupGeneration): Promise<boolean> {
    const { clock, onCommitStep = () => undefined } = this.#options;
    const tasks = this.#tasks.all;
    const moved = tasks.flatMap((task) => task.offsets());
    for (const { program } of tasks) program.commitRequested = false;
    for (const task of tasks) task.writeState(this.#guarantee.append);
    const isDone = await this.#guarantee.commit({
      ...{ group, generation, moved, onStep: onCommitStep },
      all: () => tasks.flatMap((task) => task.offsets(true)),
    });
    if (!isDone) this.#tasks.clear();
    if (!isDone || moved.length === 0) return isDone;
    const newest = Math.max(...tasks.map(({ program }) => program.streamTime));
    if (newest >= 0) this.#latencyMs = Math.max(0, clock.now() - newest);
    for (const task of tasks)
      for (const { topic, offset } of moved.filter(({ partition }) => partition === task.partition))
        if (task.positions.has(topic)) task.noteCommitted(topic, offset);
    await this.#purge(moved);
    return true;
  }

  /** Records of repartition topics are of no use once they are worked on. */
  async #purge(offsets: readonly (TopicPartition & { offset: number })[]): Promise<void> {
    const internal = new Set(internalTopics(this.#topology.graph));
    const done = offsets.filter(({ topic }) => internal.has(topic));
    if (done.length > 0)
      await this.#options.kafka
        .admin()
        .deleteRecords(done)
        .catch(() => undefined);
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#stop.abort();
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
    this.#guarantee.append(topic, partition, key, value, timestamp, headers);
  };
}

/** Makes an instance of a job; `start()` joins its group. */
export const streams = (topology: Topology, options: StreamsOptions): StreamsApp =>
  new StreamsApp(topology, options);
