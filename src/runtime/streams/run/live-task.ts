import type { FetchedPartition, TopicPartition } from '../../kafka/index.ts';
import { type Done, isPromise } from '../done.ts';
import type { Graph, SourceNode } from '../graph/graph.ts';
import type { SubTopology } from '../graph/sub-topologies.ts';
import { PartitionGroup } from '../partition-group.ts';
import { changelogTopicName, internalTopics } from '../plan.ts';
import { NotReady } from '../record-errors.ts';
import type { StateStore } from '../stores/state-store.ts';
import { type Collector, type InputRecord, TaskProgram } from '../task-program.ts';
import type { Breather } from './breather.ts';
import type { Place } from './error-handlers.ts';
import type { Append } from './guarantee.ts';
import { HopFilter, HopMarker, withoutMark } from './hops.ts';

/** On changelog records of at least once: how far the task had read. A record of work that was never committed is left out on restore. */
export const sourceHeader = 'dds-src';

interface Arrived extends InputRecord {
  offset: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type OnError = (error: unknown, place: Place, record: InputRecord) => void;

interface Position {
  /** Offset of the next record to work on. */
  next: number;
  /** Latest time of the partition's records, ms. */
  time: number;
  /** What comes of records before this offset may be on repartition topics already, written at least once. */
  markBelow: number;
}

interface Staged {
  key: Uint8Array;
  value: Uint8Array | null;
  timestamp: number;
}

export interface LiveTaskParts {
  output: Pick<Collector, 'send' | 'unwritable'>;
  globals: ReadonlyMap<string, StateStore>;
  maxTaskIdleMs: number;
  /** Whether what it writes says what it comes of. */
  hasMarks: boolean;
}

/** A task at work: what it has read, how far it is, and what of its state is not written yet. */
export class LiveTask {
  readonly id: string;
  readonly partition: number;
  readonly program: TaskProgram;
  readonly group: PartitionGroup<Arrived>;
  /** By topic. */
  readonly positions = new Map<string, Position>();
  /** By changelog topic, then by key: only the last value of a key has to be written. */
  readonly #staged = new Map<string, Map<string, Staged>>();
  readonly #committed = new Map<string, number>();
  /** By repartition topic that it reads. */
  readonly hops = new Map<string, HopFilter>();
  readonly #marker = new HopMarker();
  readonly #hasMarks: boolean;
  processed = 0;

  constructor(
    graph: Graph,
    sub: SubTopology,
    partition: number,
    topics: readonly string[],
    { output, globals, maxTaskIdleMs, hasMarks }: LiveTaskParts,
  ) {
    this.id = `${sub.id}_${partition}`;
    this.partition = partition;
    this.#hasMarks = hasMarks;
    this.program = new TaskProgram(
      graph,
      sub,
      { ...output, send: this.#marked(graph, output.send), changelog: (...change) => this.#stage(...change) },
      globals,
    );
    const tables = new Set(
      sub.nodes
        .filter((node): node is SourceNode => node.kind === 'source' && node.isTable)
        .map(({ topic }) => topic.name),
    );
    this.group = new PartitionGroup(
      topics.map((name) => ({ name, isTable: tables.has(name) })),
      maxTaskIdleMs,
    );
    const internal = new Set(internalTopics(graph));
    for (const topic of topics) {
      this.positions.set(topic, { next: 0, time: -1, markBelow: Number.POSITIVE_INFINITY });
      if (internal.has(topic)) this.hops.set(topic, new HopFilter());
    }
  }

  get sources(): TopicPartition[] {
    return [...this.positions.keys()].map((topic) => ({ topic, partition: this.partition }));
  }

  /** Stores with a changelog, by its topic. */
  changelogs(graph: Graph): Map<string, StateStore> {
    const logged = [...this.program.stores].filter(([name]) => graph.stores.get(name)!.logged);
    return new Map(logged.map(([name, store]) => [changelogTopicName(graph.id, name), store]));
  }

  /** Copies what was fetched: the fetched bytes live until the next poll only. */
  take({ topic, records, nextOffset, highWatermark }: FetchedPartition): void {
    const arrived = [];
    const { time } = this.positions.get(topic)!;
    while (records.next()) {
      const [key, value] = [records.key(), records.value()];
      const record: Arrived = {
        key: key && Buffer.from(key),
        value: value && Buffer.from(value),
        ...{ timestamp: records.timestamp, headers: records.headers(), offset: records.offset },
      };
      arrived.push({ record, timestamp: this.#timeOf(topic, record, time) });
    }
    this.group.add(topic, arrived);
    this.group.setLag(topic, highWatermark - nextOffset);
    // Nothing but markers or gaps: there is no record whose end would move the position.
    if (this.group.size(topic) === 0) this.positions.get(topic)!.next = nextOffset;
  }

  /** With one partition there is nothing to put in order: what is fetched is worked on where it lies. */
  get isDirect(): boolean {
    return this.positions.size === 1;
  }

  /**
   * Works through what was fetched, until `isOver`; false when something is left. A record that fails is passed to `onError`,
   * which throws or lets it be skipped.
   */
  async workThrough(
    { topic, records, nextOffset, highWatermark }: FetchedPartition,
    onError: OnError,
    afterRecord: () => Done,
    breather: Breather,
    isOver: () => boolean,
  ): Promise<boolean> {
    const position = this.positions.get(topic)!;
    const record = { key: null, value: null, timestamp: 0, headers: [], offset: 0 } as Writable<Arrived>;
    while (records.next()) {
      record.key = records.key();
      record.value = records.value();
      record.timestamp = records.timestamp;
      record.headers = records.headers();
      record.offset = records.offset;
      const done = this.#work(topic, record, position, onError);
      if (isPromise(done)) await done;
      position.time = Math.max(position.time, this.program.recordTime);
      if (this.program.commitRequested) await afterRecord();
      if (breather.isDue(isPromise(done))) await breather.breathe();
      if (isOver()) return false;
    }
    position.next = nextOffset;
    this.group.setLag(topic, highWatermark - nextOffset);
    return true;
  }

  /** Runs the timers of wall time that are due. */
  punctuate(nowMs: number): Done {
    this.#marker.end();
    return this.program.punctuate(nowMs);
  }

  /** Works on the next record of those that wait. */
  step(onError: OnError): Done {
    const { name, record, timestamp } = this.group.next()!;
    const position = this.positions.get(name)!;
    const done = this.#work(name, record, position, onError);
    position.time = Math.max(position.time, timestamp);
    return done;
  }

  #work(topic: string, record: Arrived, position: Position, onError: OnError): Done {
    if (this.hops.get(topic)?.isRepeated(record.headers)) {
      this.#advance(record, position);
      return;
    }
    return this.#retry(topic, record, position, onError);
  }

  /** What is worked on again after something was loaded has been told apart before. */
  #retry(topic: string, record: Arrived, position: Position, onError: OnError): Done {
    if (record.offset < position.markBelow) this.#marker.begin(topic, this.partition, record.offset);
    else this.#marker.end();
    let done: Done;
    try {
      done = this.program.process(topic, record, position.time);
    } catch (error) {
      return this.#failed(error, topic, record, position, onError);
    }
    if (isPromise(done))
      return done.then(
        () => this.#advance(record, position),
        (error: unknown) => this.#failed(error, topic, record, position, onError),
      );
    this.#advance(record, position);
  }

  #failed(error: unknown, topic: string, record: Arrived, position: Position, onError: OnError): Done {
    // Nothing was done with it yet: serdes of inputs are the only ones that lack something.
    if (error instanceof NotReady)
      return error.load().then(() => this.#retry(topic, record, position, onError));
    onError(error, { topic, partition: this.partition, offset: record.offset }, record);
    this.#advance(record, position);
  }

  /** What goes into a repartition topic says what it comes of, where it may come twice. */
  #marked(graph: Graph, send: Collector['send']): Collector['send'] {
    const internal = new Set(internalTopics(graph));
    if (internal.size === 0) return send;
    return (topic, key, value, timestamp, headers) =>
      send(
        topic,
        key,
        value,
        timestamp,
        internal.has(topic) ? this.#marker.mark(headers) : withoutMark(headers),
      );
  }

  #advance(record: Arrived, position: Position): void {
    position.next = record.offset + 1;
    this.processed++;
  }

  /** Writes what changed in the stores, with how far the task has read. */
  writeState(append: Append): void {
    const positions = Object.fromEntries([...this.positions].map(([topic, { next }]) => [topic, next]));
    const mark = { key: sourceHeader, value: Buffer.from(JSON.stringify(positions)) };
    const headers = this.#hasMarks ? [mark] : null;
    for (const [topic, rows] of this.#staged) {
      for (const { key, value, timestamp } of rows.values())
        append(topic, this.partition, key, value, timestamp, headers);
    }
    this.#staged.clear();
  }

  /** What to commit: partitions that moved, or all; beside the offset the time of each, and which stores have been written. */
  offsets(all = false): (TopicPartition & { offset: number; metadata: string })[] {
    const stores = [...this.program.stores.values()].filter(({ rows }) => rows > 0).map(({ name }) => name);
    return [...this.positions]
      .filter(([topic, { next }]) => all || this.#committed.get(topic) !== next)
      .map(([topic, { next, time }]) => ({
        ...{ topic, partition: this.partition, offset: next },
        metadata: JSON.stringify({
          time,
          streamTime: this.program.streamTime,
          stores,
          ...this.hops.get(topic)?.note(),
        }),
      }));
  }

  /** After a commit, and at the start with what was committed before. */
  noteCommitted(topic: string, offset: number): void {
    this.#committed.set(topic, offset);
  }

  #timeOf(topic: string, record: InputRecord, partitionTime: number): number {
    try {
      return this.program.timestampOf(topic, record, partitionTime);
    } catch {
      // It fails again, and is told, when its turn comes.
      return record.timestamp;
    }
  }

  #stage(topic: string, key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    let rows = this.#staged.get(topic);
    if (!rows) {
      rows = new Map();
      this.#staged.set(topic, rows);
    }
    rows.set(Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1'), {
      key,
      value,
      timestamp,
    });
  }
}
