import { isRelayHeader } from '../../shared/relay-headers.ts';
import { afterwards, type Done, eachInOrder, whenDone } from './done.ts';
import type { Graph, SinkNode, SourceNode } from './graph/graph.ts';
import type { SubTopology } from './graph/sub-topologies.ts';
import { changelogTopicName, repartitionTopicName } from './plan.ts';
import type { DropReason, Headers, NodeContext, Processor, Punctuator } from './processor.ts';
import { serdeError } from './record-errors.ts';
import { KeyValueStore } from './stores/key-value-store.ts';
import type { StateStore } from './stores/state-store.ts';
import { WindowStore } from './stores/window-store.ts';

/** What a task makes; whoever runs it sends it on. */
export interface Collector {
  /** A record for a topic; by the key's partition. */
  send(
    topic: string,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers,
  ): void;
  /** A change of a store: the last one for a key before a commit is enough. */
  changelog(topic: string, key: Uint8Array, value: Uint8Array | null, timestamp: number): void;
  /** A record that a serde refuses to write: throws, or it is left out. Without it, it throws. */
  unwritable?(error: Error, topic: string, value: unknown, timestamp: number): void;
}

/** A record as it comes from Kafka. */
export interface InputRecord {
  key: Uint8Array | null;
  value: Uint8Array | null;
  timestamp: number;
  headers: Headers;
}

type Forward = (key: unknown, value: unknown, timestamp: number, headers: Headers) => Done;

interface Timer extends Punctuator {
  next: number | null;
}

/** A sub-topology at work on one partition number: its processors, its stores, its time. Knows nothing of Kafka. */
export class TaskProgram {
  readonly stores: ReadonlyMap<string, StateStore>;
  readonly drops = new Map<DropReason, number>();
  /** Latest time seen, ms; -1 before the first record. Kept over restarts beside the committed offset. */
  streamTime = -1;
  /** Of the record at hand, ms. */
  recordTime = -1;
  /** Set by a processor; whoever commits takes it back. */
  commitRequested = false;
  readonly #graph: Graph;
  readonly #collector: Collector;
  readonly #processors = new Map<string, Processor>();
  readonly #sources = new Map<string, { node: SourceNode; forward: Forward }>();
  readonly #timers: Timer[] = [];

  /** `global`: stores of global tables, shared by all tasks of the instance. */
  constructor(
    graph: Graph,
    sub: SubTopology,
    collector: Collector,
    global: ReadonlyMap<string, StateStore> = new Map(),
  ) {
    this.#graph = graph;
    this.#collector = collector;
    const stores = new Map<string, StateStore>();
    for (const name of sub.stores) {
      const spec = graph.stores.get(name)!;
      const topic = changelogTopicName(graph.id, name);
      const write = spec.logged
        ? (key: Uint8Array, value: Uint8Array | null, timestamp: number) =>
            collector.changelog(topic, key, value, timestamp)
        : null;
      const own = { ...spec, topic };
      const isWindowed = spec.kind === 'window' || spec.kind === 'session';
      stores.set(name, isWindowed ? new WindowStore(own, write) : new KeyValueStore(own, write));
    }
    this.stores = stores;
    for (const node of sub.nodes) {
      if (node.kind === 'source')
        this.#sources.set(this.#topicOf(node), { node, forward: this.#forwarder(node.children) });
      if (node.kind === 'processor')
        this.#processors.set(node.name, node.factory(this.#contextOf(node.children, stores, global)));
    }
  }

  /** Topics that it reads. */
  get topics(): string[] {
    return [...this.#sources.keys()];
  }

  /** The time that a record has for this task; partition time is the latest of its partition before it. */
  timestampOf(topic: string, record: InputRecord, partitionTime: number): number {
    const { topic: source } = this.#sources.get(topic)!.node;
    if (!source.timestamp) return record.timestamp;
    const key = record.key && source.key.decode(record.key, topic);
    const value = record.value && source.value.decode(record.value, topic);
    const { timestamp, headers } = record;
    return source.timestamp({ key, value, timestamp, headers }, partitionTime);
  }

  /** Works a record through. Rejects or throws what a serde or a function of the user's throws. */
  process(topic: string, record: InputRecord, partitionTime = -1): Done {
    const { node, forward } = this.#sources.get(topic)!;
    const { key: keys, value: values, timestamp: extract } = node.topic;
    let key: unknown = null;
    let value: unknown = null;
    try {
      if (record.key !== null) key = keys.decode(record.key, topic);
      if (record.value !== null) value = values.decode(record.value, topic);
    } catch (error) {
      throw serdeError('deserialization', error);
    }
    const { headers } = record;
    const timestamp = extract
      ? extract({ key, value, timestamp: record.timestamp, headers }, partitionTime)
      : record.timestamp;
    if (timestamp < 0) {
      if (!extract) throw new Error(`a record of ${topic} has the time ${timestamp}`);
      return this.drop('negative-timestamp');
    }
    this.recordTime = timestamp;
    this.streamTime = Math.max(this.streamTime, timestamp);
    const done = forward(key, value, timestamp, headers);
    if (this.#timers.length === 0) return done;
    return afterwards(done, () => this.#punctuate('stream', this.streamTime));
  }

  /** Runs the timers of wall time that are due. */
  punctuate(nowMs: number): Done {
    return this.#punctuate('wall', nowMs);
  }

  #punctuate(clock: Punctuator['clock'], now: number): Done {
    const due = this.#timers.filter((timer) => {
      if (timer.clock !== clock) return false;
      timer.next ??= now + timer.everyMs;
      return timer.next <= now;
    });
    return eachInOrder(due, (timer) => {
      // After a gap once, not once for each interval that was missed.
      timer.next = now + timer.everyMs;
      return timer.run(now);
    });
  }

  #contextOf(
    children: readonly string[],
    own: ReadonlyMap<string, StateStore>,
    global: ReadonlyMap<string, StateStore>,
  ): NodeContext {
    return {
      forward: this.#forwarder(children),
      store: <S extends StateStore>(name: string) => (own.get(name) ?? global.get(name)) as S,
      drop: (reason) => this.drop(reason),
      streamTime: () => this.streamTime,
      requestCommit: () => {
        this.commitRequested = true;
      },
      schedule: (punctuator) => void this.#timers.push({ ...punctuator, next: null }),
    };
  }

  /** Passes records on to children; they are looked up once, when all of them are there. */
  #forwarder(children: readonly string[]): Forward {
    let targets: Forward[] | null = null;
    return (key, value, timestamp, headers) => {
      targets ??= children.map((name) => this.#target(name));
      if (targets.length === 1) return targets[0]!(key, value, timestamp, headers);
      return eachInOrder(targets, (target) => target(key, value, timestamp, headers));
    };
  }

  #target(name: string): Forward {
    const processor = this.#processors.get(name);
    if (processor)
      return (key, value, timestamp, headers) => processor.process(key, value, timestamp, headers);
    const sink = this.#graph.nodes.get(name) as SinkNode;
    return (key, value, timestamp, headers) => {
      const mapped = sink.mapValue && value !== null ? sink.mapValue(key, value) : value;
      return whenDone(mapped, (written) => this.#send(sink, key, written, timestamp, headers));
    };
  }

  #send(
    { topic, isInternal, key: keys, value: values }: SinkNode,
    key: unknown,
    value: unknown,
    timestamp: number,
    headers: Headers,
  ): void {
    const name = isInternal ? repartitionTopicName(this.#graph.id, topic) : topic;
    let keyBytes: Uint8Array | null;
    let valueBytes: Uint8Array | null;
    try {
      keyBytes = key === null ? null : keys.encode(key, name);
      valueBytes = value === null ? null : values.encode(value, name);
    } catch (cause) {
      const error = serdeError('production', cause);
      if (!this.#collector.unwritable) throw error;
      this.#collector.unwritable(error, name, value, timestamp);
      this.drop('unwritable');
      return;
    }
    this.#collector.send(name, keyBytes, valueBytes, timestamp, isInternal ? headers : madeHere(headers));
  }

  /** Counts a record that is left out. */
  drop(reason: DropReason): void {
    this.drops.set(reason, (this.drops.get(reason) ?? 0) + 1);
  }

  #topicOf(node: SourceNode): string {
    return node.isInternal ? repartitionTopicName(this.#graph.id, node.topic.name) : node.topic.name;
  }
}

/** What a job writes has not come as its input has, by a relay. */
const madeHere = (headers: Headers): Headers =>
  headers.some(({ key }) => isRelayHeader(key)) ? headers.filter(({ key }) => !isRelayHeader(key)) : headers;
