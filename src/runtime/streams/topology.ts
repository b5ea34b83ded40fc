import { anySerde, type Stored } from './dsl-types.ts';
import { GlobalTable } from './global-table.ts';
import { describeJson, describeTopology, type TopologyDescription } from './graph/describe.ts';
import { Graph } from './graph/graph.ts';
import { type Plan, planTopology } from './plan.ts';
import { tableSourceProcessor } from './processors/table.ts';
import { Stream } from './stream.ts';
import { Table } from './table.ts';
import type { Topic } from './topic.ts';

/** A topology that is ready: nothing of it runs yet. */
export class Topology {
  readonly graph: Graph;

  constructor(graph: Graph) {
    this.graph = graph;
  }

  get id(): string {
    return this.graph.id;
  }

  /** As text in Kafka's format, or as data. */
  describe(): string;
  describe(options: { json: true }): TopologyDescription;
  describe(options?: { json?: boolean }): string | TopologyDescription {
    return options?.json ? describeJson(this.graph) : describeTopology(this.graph);
  }

  /** What it needs of a cluster. Throws TopologyError for topics that are missing or not co-partitioned. */
  plan(partitionsOf: (topic: string) => number | undefined): Plan {
    return planTopology(this.graph, partitionsOf);
  }
}

/** Writes a topology down. The id is the consumer group, and begins the names of internal topics. */
export class TopologyBuilder {
  readonly #graph: Graph;
  readonly #streams = new Map<string, Stream<unknown, unknown>>();

  constructor(id: string) {
    this.#graph = new Graph(id);
  }

  /** Records of a topic. The same topic twice is the same stream. */
  stream<K, V>(topic: Topic<K, V>): Stream<K, V> {
    const known = this.#streams.get(topic.name);
    if (known) return known as Stream<K, V>;
    const graph = this.#graph;
    const node = graph.addSource(graph.nextName('KSTREAM-SOURCE'), topic as Topic<unknown, unknown>);
    const state = { graph, node, key: anySerde(topic.key), value: anySerde(topic.value), rekeyed: false };
    const stream = new Stream<K, V>(state);
    this.#streams.set(topic.name, stream as Stream<unknown, unknown>);
    return stream;
  }

  /** A topic as a table: the latest record of each key is its row. */
  table<K, V>(topic: Topic<K, V>, options: Stored): Table<K, V> {
    const graph = this.#graph;
    const fallback = options?.as === undefined ? graph.nextName(`${topic.name}-STATE-STORE`) : null;
    const source = graph.addSource(graph.nextName('KSTREAM-SOURCE'), topic as Topic<unknown, unknown>, {
      isTable: true,
    });
    const node = graph.nextName('KTABLE-SOURCE');
    const state = { graph, node, key: anySerde(topic.key), value: anySerde(topic.value) };
    const table = Table.make<K, V>(state, options ?? {}, fallback);
    graph.addProcessor(
      node,
      tableSourceProcessor(() => table.store),
      [source],
    );
    if (options?.as !== undefined) table.materialise();
    return table;
  }

  /** A table that every instance has whole; it is loaded before anything else runs. */
  globalTable<K, V>(topic: Topic<K, V>, options: { as?: string } = {}): GlobalTable<K, V> {
    const graph = this.#graph;
    const store = options.as ?? graph.nextName(`${topic.name}-STATE-STORE`);
    const isGlobal = true;
    const source = graph.addSource(graph.nextName('KSTREAM-SOURCE'), topic as Topic<unknown, unknown>, {
      isTable: true,
      isGlobal,
    });
    const [key, value] = [anySerde(topic.key)!, anySerde(topic.value)!];
    graph.addStore(
      { name: store, key, value, kind: 'key-value', logged: false, retentionMs: 0, windowMs: 0 },
      { isGlobal },
    );
    graph.addProcessor(
      graph.nextName('KTABLE-SOURCE'),
      tableSourceProcessor(() => store),
      [source],
      [store],
    );
    return new GlobalTable(store);
  }

  build(): Topology {
    return new Topology(this.#graph);
  }
}

/** Begins a topology: `topology('alerts').stream(readings)…`. */
export const topology = (id: string): TopologyBuilder => new TopologyBuilder(id);
