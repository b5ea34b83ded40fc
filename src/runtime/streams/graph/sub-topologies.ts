import type { Graph, GraphNode, SourceNode } from './graph.ts';

/** Nodes that work on the same partition, because they are joined by edges or share a store. */
export interface SubTopology {
  readonly id: number;
  readonly nodes: readonly GraphNode[];
  readonly stores: readonly string[];
  readonly isGlobal: boolean;
}

/** Numbered as Kafka Streams does: by the names of their sources. */
export function subTopologies(graph: Graph): SubTopology[] {
  const root = new Map<string, string>();
  const find = (name: string): string => {
    const up = root.get(name);
    if (up === undefined || up === name) return name;
    const top = find(up);
    root.set(name, top);
    return top;
  };
  const users = new Map<string, string>();
  for (const node of graph.nodes.values()) {
    for (const parent of node.parents) root.set(find(node.name), find(parent));
    if (node.kind !== 'processor') continue;
    for (const store of node.stores) {
      // A global table belongs to nobody.
      if (graph.globalStores.has(store)) continue;
      const user = users.get(store);
      if (user === undefined) users.set(store, node.name);
      else root.set(find(node.name), find(user));
    }
  }
  const sources = [...graph.nodes.values()]
    .filter((node): node is SourceNode => node.kind === 'source')
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const roots = [...new Set(sources.map(({ name }) => find(name)))];
  return roots.map((top, id) => {
    const nodes = [...graph.nodes.values()].filter(({ name }) => find(name) === top);
    const isGlobal = nodes.some((node) => node.kind === 'source' && node.isGlobal);
    const stores = nodes.flatMap((node) => (node.kind === 'processor' ? [...node.stores] : []));
    const own = [...new Set(stores)].filter((store) => isGlobal || !graph.globalStores.has(store));
    return { id, nodes, stores: own, isGlobal };
  });
}
