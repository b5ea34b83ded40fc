import { subTopologies } from '../graph/sub-topologies.ts';
import type { Headers } from '../processor.ts';
import type { Serde } from '../serde.ts';
import type { KeyValueStore } from '../stores/key-value-store.ts';
import type { StateStore } from '../stores/state-store.ts';
import type { WindowStore } from '../stores/window-store.ts';
import { type InputRecord, TaskProgram } from '../task-program.ts';
import type { Topic } from '../topic.ts';
import type { Topology } from '../topology.ts';

/** A record that came out. */
export interface OutputRecord<K, V> {
  key: K | null;
  value: V | null;
  /** ms */
  timestamp: number;
  headers: Headers;
}

interface Raw extends InputRecord {
  topic: string;
}

const noHeaders: Headers = [];

/**
 * Runs a topology without a broker, one partition of everything, each record worked through to the end before the next. Its
 * clock stands still until `advance`. Functions that return promises need the `Async` calls.
 */
export class TestDriver implements Disposable {
  readonly #tasks: TaskProgram[] = [];
  readonly #global: TaskProgram[] = [];
  readonly #outputs = new Map<string, Raw[]>();
  readonly #queue: Raw[] = [];
  #now: number;

  constructor(topology: Topology, now: number) {
    this.#now = now;
    const { graph } = topology;
    const collector = {
      send: (
        topic: string,
        key: Uint8Array | null,
        value: Uint8Array | null,
        timestamp: number,
        headers: Headers,
      ) => this.#emit({ topic, key, value, timestamp, headers }, true),
      changelog: (topic: string, key: Uint8Array, value: Uint8Array | null, timestamp: number) =>
        this.#emit({ topic, key, value, timestamp, headers: noHeaders }, false),
    };
    const subs = subTopologies(graph);
    const globals = new Map<string, StateStore>();
    for (const sub of subs.filter(({ isGlobal }) => isGlobal)) {
      const program = new TaskProgram(graph, sub, collector);
      for (const [name, store] of program.stores) globals.set(name, store);
      this.#global.push(program);
    }
    for (const sub of subs.filter(({ isGlobal }) => !isGlobal))
      this.#tasks.push(new TaskProgram(graph, sub, collector, globals));
    this.#punctuate();
  }

  /** Where records go in. Throws for a topic that the topology does not read. */
  in<K, V>(topic: Topic<K, V>) {
    return {
      pipe: (
        key: K | null,
        value: V | null,
        { ts = this.#now, headers = noHeaders }: { ts?: number; headers?: Headers } = {},
      ): void => {
        const record = encode(topic, key, value, ts, headers);
        if (![...this.#tasks, ...this.#global].some((task) => task.topics.includes(topic.name)))
          throw new Error(`the topology does not read ${topic.name}`);
        this.#queue.push(record);
        this.#work();
      },
    };
  }

  /** What was written to a topic since it was asked for last. */
  out<K, V>(topic: Pick<Topic<K, V>, 'name' | 'key' | 'value'>) {
    return {
      drain: (): OutputRecord<K, V>[] => {
        const records = this.#outputs.get(topic.name)?.splice(0) ?? [];
        return records.map(({ key, value, timestamp, headers }) => ({
          ...{ timestamp, headers },
          key: key === null ? null : topic.key.decode(key, topic.name),
          value: value === null ? null : topic.value.decode(value, topic.name),
        }));
      },
    };
  }

  /** A store by its name, to look into. */
  store<K, V>(name: string) {
    const found = [...this.#tasks, ...this.#global]
      .map(({ stores }) => stores.get(name))
      .find((store) => store);
    if (!found) throw new Error(`there is no store ${name}`);
    return {
      rows: found.rows,
      get: (key: K): V | null => ((found as KeyValueStore).get(key)?.value ?? null) as V | null,
      entries: () =>
        [...(found as KeyValueStore | WindowStore).entries()] as {
          key: K;
          value: V;
          timestamp: number;
          start?: number;
          end?: number;
        }[],
    };
  }

  /** Records that were left out, by reason or in all. */
  dropped(reason?: string): number {
    let sum = 0;
    for (const { drops } of this.#tasks.concat(this.#global))
      for (const [why, count] of drops) if (reason === undefined || reason === why) sum += count;
    return sum;
  }

  /** Names of the topics that anything was ever written to, internal ones included. */
  topics(): string[] {
    return [...this.#outputs.keys()].sort();
  }

  /** Moves the wall clock on, and runs what is due. */
  advance(ms: number): void {
    this.#now += ms;
    this.#punctuate();
    this.#work();
  }

  [Symbol.dispose](): void {
    this.#queue.length = 0;
  }

  #punctuate(): void {
    for (const task of this.#tasks) refusePromise(task.punctuate(this.#now));
  }

  #emit(record: Raw, feedBack: boolean): void {
    const records = this.#outputs.get(record.topic);
    if (records) records.push(record);
    else this.#outputs.set(record.topic, [record]);
    if (feedBack && [...this.#tasks, ...this.#global].some((task) => task.topics.includes(record.topic)))
      this.#queue.push(record);
  }

  #work(): void {
    for (let record = this.#queue.shift(); record; record = this.#queue.shift()) {
      for (const task of [...this.#global, ...this.#tasks])
        if (task.topics.includes(record.topic))
          refusePromise(task.process(record.topic, record, task.streamTime));
    }
  }
}

/** Makes a driver; `now` is where its wall clock stands, ms. */
export const testDriver = (topology: Topology, { now = 0 } = {}): TestDriver => new TestDriver(topology, now);

function encode<K, V>(
  topic: { name: string; key: Serde<K>; value: Serde<V> },
  key: K | null,
  value: V | null,
  timestamp: number,
  headers: Headers,
): Raw {
  return {
    ...{ topic: topic.name, timestamp, headers },
    key: key === null ? null : topic.key.encode(key, topic.name),
    value: value === null ? null : topic.value.encode(value, topic.name),
  };
}

function refusePromise(done: unknown): void {
  if (done !== undefined)
    throw new Error('a function of the topology returned a promise; the test driver runs those that do not');
}
