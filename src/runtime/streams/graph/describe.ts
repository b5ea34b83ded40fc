import type { Graph, GraphNode } from './graph.ts';
import { type SubTopology, subTopologies } from './sub-topologies.ts';

/** The topology as text, in the format of Kafka's `TopologyDescription`. */
export function describeTopology(graph: Graph): string {
  return `Topologies:\n ${subTopologies(graph)
    .map((sub) => describeSub(graph, sub))
    .join('')}`;
}

/** The same as data. */
export interface TopologyDescription {
  id: string;
  subTopologies: {
    id: number;
    global: boolean;
    nodes: { name: string; kind: GraphNode['kind']; topic?: string; stores: string[]; children: string[] }[];
  }[];
}

export function describeJson(graph: Graph): TopologyDescription {
  return {
    id: graph.id,
    subTopologies: subTopologies(graph).map(({ id, isGlobal, nodes }) => ({
      ...{ id, global: isGlobal },
      nodes: nodes.map((node) => ({
        ...{ name: node.name, kind: node.kind, children: [...node.children] },
        ...(node.kind === 'source' && { topic: node.topic.name }),
        ...(node.kind === 'sink' && { topic: node.topic }),
        stores: node.kind === 'processor' ? [...node.stores] : [],
      })),
    })),
  };
}

function describeSub(graph: Graph, { id, nodes, isGlobal }: SubTopology): string {
  const sizes = new Map<string, number>();
  const size = (name: string): number => {
    let known = sizes.get(name);
    if (known === undefined) {
      known = graph.nodes.get(name)!.children.reduce((sum, child) => sum + size(child), 1);
      sizes.set(name, known);
    }
    return known;
  };
  // Kafka's order: what has most behind it first, then by name.
  const order = (a: string, b: string) => size(b) - size(a) || (a < b ? -1 : a > b ? 1 : 0);
  const list = (names: readonly string[]) => [...names].sort(order).join(', ') || 'none';
  const head = isGlobal ? ` for global store (will not generate tasks)` : '';
  const lines = nodes
    .map(({ name }) => name)
    .sort(order)
    .map((name) => {
      const node = graph.nodes.get(name)!;
      const children = `      --> ${list(node.children)}\n`;
      const parents = `      <-- ${node.parents.join(', ') || 'none'}\n`;
      if (node.kind === 'source') return `    Source: ${name} (topics: [${node.topic.name}])\n${children}`;
      if (node.kind === 'sink') return `    Sink: ${name} (topic: ${node.topic})\n${parents}`;
      const stores = [...node.stores].filter((store) => isGlobal || !graph.globalStores.has(store));
      return `    Processor: ${name} (stores: [${stores.sort().join(', ')}])\n${children}${parents}`;
    });
  return `  Sub-topology: ${id}${head}\n${lines.join('')}${isGlobal ? '' : '\n'}`;
}
