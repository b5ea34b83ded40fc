import type { ProcessorFactory } from '../processor.ts';
import type { Serde } from '../serde.ts';
import type { StoreSpec } from '../stores/state-store.ts';
import type { Topic } from '../topic.ts';
import { TopologyError } from '../topology-error.ts';

interface Node {
  readonly name: string;
  readonly parents: readonly string[];
  readonly children: string[];
}
export interface SourceNode extends Node {
  readonly kind: 'source';
  readonly topic: Topic<unknown, unknown>;
  /** A repartition topic of the job's own: `<name>-repartition`, without the job's id. */
  readonly isInternal: boolean;
  /** Feeds a global table. */
  readonly isGlobal: boolean;
  readonly isTable: boolean;
}
export interface ProcessorNode extends Node {
  readonly kind: 'processor';
  readonly factory: ProcessorFactory;
  /** Names of stores; filled until the topology is built. */
  readonly stores: Set<string>;
}
export interface SinkNode extends Node {
  readonly kind: 'sink';
  readonly topic: string;
  readonly isInternal: boolean;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  readonly mapValue: ((key: unknown, value: unknown) => unknown) | null;
}
export type GraphNode = SourceNode | ProcessorNode | SinkNode;

export interface RepartitionTopic {
  readonly name: string;
  /** Set when the user says how many. */
  readonly partitions: number | null;
}

/** What the DSL writes down: nodes, stores and internal topics. Names are those that Kafka Streams would give. */
export class Graph {
  readonly id: string;
  readonly nodes = new Map<string, GraphNode>();
  readonly stores = new Map<string, StoreSpec>();
  readonly globalStores = new Set<string>();
  readonly repartitions = new Map<string, RepartitionTopic>();
  /** Topics whose partitions have to be equal in number: one list for each join. */
  readonly copartitioned: (readonly [string, string])[] = [];
  #index = 0;

  constructor(id: string) {
    if (!/^[a-zA-Z0-9._-]+$/.test(id))
      throw new TopologyError(`"${id}" is not the name of a job: use letters, digits, . _ -`);
    this.id = id;
  }

  /** `KSTREAM-MAP-0000000001`. */
  nextName(prefix: string): string {
    return `${prefix}-${String(this.#index++).padStart(10, '0')}`;
  }

  addSource(
    name: string,
    topic: Topic<unknown, unknown>,
    { isTable = false, isGlobal = false, isInternal = false } = {},
  ): string {
    for (const node of this.nodes.values()) {
      if (node.kind === 'source' && node.topic.name === topic.name && node.isInternal === isInternal)
        throw new TopologyError(
          `topic ${topic.name} is read twice: once as ${node.isTable ? 'a table' : 'a stream'}`,
        );
    }
    this.#add({ kind: 'source', name, topic, isInternal, isGlobal, isTable, parents: [], children: [] });
    return name;
  }

  addProcessor(
    name: string,
    factory: ProcessorFactory,
    parents: readonly string[],
    stores: readonly string[] = [],
  ): string {
    this.#add({ kind: 'processor', name, factory, parents, children: [], stores: new Set(stores) });
    return name;
  }

  addSink(node: Omit<SinkNode, 'kind' | 'children'>): void {
    this.#add({ ...node, kind: 'sink', children: [] });
  }

  addStore(spec: StoreSpec, { isGlobal = false } = {}): void {
    if (this.stores.has(spec.name)) throw new TopologyError(`there are two stores of the name ${spec.name}`);
    this.stores.set(spec.name, spec);
    if (isGlobal) this.globalStores.add(spec.name);
  }

  connect(node: string, store: string): void {
    (this.nodes.get(node) as ProcessorNode).stores.add(store);
  }

  addRepartition(topic: RepartitionTopic): void {
    if (this.repartitions.has(topic.name))
      throw new TopologyError(`there are two repartition topics of the name ${topic.name}`);
    this.repartitions.set(topic.name, topic);
  }

  #add(node: GraphNode): void {
    if (this.nodes.has(node.name))
      throw new TopologyError(`there are two processors of the name ${node.name}`);
    this.nodes.set(node.name, node);
    for (const parent of node.parents) this.nodes.get(parent)!.children.push(node.name);
  }
}
