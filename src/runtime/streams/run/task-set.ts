import { DdsError } from '../../../errors/index.ts';
import type { Clock } from '../../../shared/clock.ts';
import type {
  CommittedOffset,
  FetchedPartition,
  Fetcher,
  GroupGeneration,
  GroupMembership,
  Kafka,
} from '../../kafka/index.ts';
import type { Graph } from '../graph/graph.ts';
import { type SubTopology, subTopologies } from '../graph/sub-topologies.ts';
import { changelogTopicName } from '../plan.ts';
import type { Seen } from './hops.ts';
import { LiveTask, type LiveTaskParts } from './live-task.ts';
import { restoreStores } from './restore.ts';
import type { InstanceTasks, TaskUnit } from './task-assignor.ts';

export interface TaskSetParts extends LiveTaskParts {
  graph: Graph;
  kafka: Kafka;
  /** Every task of the job, by id. */
  units: ReadonlyMap<string, TaskUnit>;
  clock: Clock;
  /** Aborted when the instance ends. */
  signal: AbortSignal;
}

/** Kept beside a committed offset. */
interface Note {
  time?: number;
  streamTime?: number;
  stores?: string[];
  /** Of a repartition topic: what was read of it, by what it comes of. */
  seen?: Seen;
}

/** Other tools commit, too, and note what they like. */
function readNote(metadata: string): Note {
  try {
    return (JSON.parse(metadata) ?? {}) as Note;
  } catch {
    return {};
  }
}

/** So many records of a partition may wait before it is paused. */
const bufferLimit = 10_000;
export const pollMs = 100;

/** The tasks that an instance has, with their state, and the reading for them. */
export class TaskSet {
  readonly fetcher: Fetcher;
  readonly #parts: TaskSetParts;
  readonly #subs: readonly SubTopology[];
  readonly #live = new Map<string, LiveTask>();
  /** Tasks whose state is being read back, with how far that is. */
  readonly restoring = new Map<string, { restored: number; left: number }>();

  constructor(parts: TaskSetParts) {
    this.#parts = parts;
    this.#subs = subTopologies(parts.graph);
    this.fetcher = parts.kafka.fetcher();
  }

  get ids(): string[] {
    return [...this.#live.keys()];
  }

  get all(): LiveTask[] {
    return [...this.#live.values()];
  }

  /** Drops the tasks that went to others, and makes those that are new, with their state. */
  async takeOver(generation: GroupGeneration, group: GroupMembership): Promise<void> {
    const told = JSON.parse(generation.userData.toString() || '{"tasks":[]}') as InstanceTasks;
    if (told.refused !== undefined) {
      throw new DdsError(
        'DDS_STREAMS_TOPOLOGY',
        `the job ${this.#parts.graph.id} runs elsewhere with another topology`,
        { hint: 'Stop those instances first, or give this one another id.' },
      );
    }
    for (const [id, task] of this.#live) {
      if (told.tasks.includes(id)) continue;
      for (const { topic, partition } of task.sources) this.fetcher.remove(topic, partition);
      this.#live.delete(id);
    }
    for (const id of told.tasks) if (!this.#live.has(id)) await this.#open(id, generation, group);
  }

  async #open(id: string, generation: GroupGeneration, group: GroupMembership): Promise<void> {
    const { graph, kafka } = this.#parts;
    const [sub, partition] = id.split('_').map(Number) as [number, number];
    const own = this.#subs.find((one) => one.id === sub)!;
    const topics = this.#parts.units.get(id)!.partitions.map(({ topic }) => topic);
    const task = new LiveTask(graph, own, partition, topics, this.#parts);
    const signal = AbortSignal.any([this.#parts.signal, generation.ended]);
    const onProgress = (restored: number, left: number) => this.restoring.set(id, { restored, left });
    let committed: CommittedOffset[];
    let notes: Note[];
    try {
      // A transaction of who had the task before may still move them; after that only this generation can.
      committed = await group.committed(task.sources, { stableUntil: signal });
      notes = committed.map(({ metadata }) => readNote(metadata));
      const positions = new Map(committed.map(({ topic, offset }) => [topic, offset]));
      const written = notes.flatMap(({ stores = [] }) =>
        stores.map((name) => changelogTopicName(graph.id, name)),
      );
      await restoreStores(kafka, task.changelogs(graph), partition, positions, signal, {
        written,
        onProgress,
      });
    } catch (error) {
      // The group moved on while state was read: the next generation says who reads it again.
      if (signal.aborted) return;
      throw error;
    } finally {
      this.restoring.delete(id);
    }
    const admin = kafka.admin();
    const [starts, ends] = await Promise.all([
      admin.offsets(task.sources, 'earliest'),
      admin.offsets(task.sources, 'latest'),
    ]);
    committed.forEach(({ topic, offset }, at) => {
      const next = offset < 0 ? starts[at]! : offset;
      if (next < starts[at]!)
        throw new DdsError(
          'DDS_STREAMS_STATE',
          `${topic}/${partition}: offset ${next}, the next one of the job, is gone; the log begins at ${starts[at]}`,
        );
      const { time = -1, streamTime = -1, seen } = notes[at]!;
      if (seen) task.hops.get(topic)?.restore(seen);
      // Whoever was here before may have worked at least once up to the end of the input, whatever it committed.
      const markBelow = this.#parts.hasMarks ? Number.POSITIVE_INFINITY : ends[at]!;
      task.positions.set(topic, { next, time, markBelow });
      task.program.streamTime = Math.max(task.program.streamTime, streamTime);
      if (offset >= 0) task.noteCommitted(topic, offset);
      task.group.setLag(topic, ends[at]! - next);
      this.fetcher.seek(topic, partition, next);
    });
    this.#live.set(id, task);
  }

  /**
   * Takes what the broker has. Tasks that put several partitions in order keep it until its turn comes; for the others it is
   * given back. Partitions of which enough waits are held back. Waits for `waitMs` at most.
   */
  async read(signal: AbortSignal, waitMs: number): Promise<{ task: LiveTask; fetched: FetchedPartition }[]> {
    const tasks = this.all;
    for (const task of tasks) {
      for (const { topic, partition } of task.sources) {
        if (task.group.size(topic) > bufferLimit) this.fetcher.pause(topic, partition);
        else this.fetcher.resume(topic, partition);
      }
    }
    const busy = tasks.some((task) => task.group.isReady(this.#parts.clock.monotonic()));
    const { partitions, problems } = await this.fetcher
      .poll(busy ? 0 : waitMs, signal)
      .catch((error: unknown) => {
        if (signal.aborted) return { partitions: [], problems: [] };
        throw error;
      });
    for (const { topic, partition, error } of problems)
      throw new Error(`${topic}/${partition}: ${error.message}`, { cause: error });
    const direct = [];
    for (const fetched of partitions) {
      const task = tasks.find(
        (one) => one.partition === fetched.partition && one.positions.has(fetched.topic),
      );
      if (task?.isDirect) direct.push({ task, fetched });
      else task?.take(fetched);
    }
    return direct;
  }

  /** Reads a partition anew from where its task is: what was fetched of it was not worked through. */
  rewind(task: LiveTask): void {
    // It may have gone to another instance meanwhile.
    if (this.#live.get(task.id) !== task) return;
    for (const { topic, partition } of task.sources)
      this.fetcher.seek(topic, partition, task.positions.get(topic)!.next);
  }

  /** Others may own the tasks by now: all of them are read anew. */
  clear(): void {
    for (const task of this.#live.values())
      for (const { topic, partition } of task.sources) this.fetcher.remove(topic, partition);
    this.#live.clear();
  }
}
