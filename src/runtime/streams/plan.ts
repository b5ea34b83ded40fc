import { createHash } from 'node:crypto';
import { describeTopology } from './graph/describe.ts';
import type { Graph, SourceNode } from './graph/graph.ts';
import { type SubTopology, subTopologies } from './graph/sub-topologies.ts';
import { TopologyError } from './topology-error.ts';

export interface InternalTopic {
  name: string;
  partitions: number;
  configs: Record<string, string>;
}

export interface PlannedSubTopology {
  id: number;
  /** Every topic that its tasks read, with full names. */
  topics: string[];
  /** Tasks: one for each partition. */
  partitions: number;
  stores: string[];
}

/** What a topology needs of a cluster, and how its work is cut into tasks. */
export interface Plan {
  id: string;
  /** The same for all instances that may work together. */
  fingerprint: string;
  subTopologies: PlannedSubTopology[];
  /** Topics of global tables. */
  globalTopics: string[];
  repartitionTopics: InternalTopic[];
  /** By store. */
  changelogs: ReadonlyMap<string, InternalTopic>;
}

const dayMs = 86_400_000;
/** Of changelogs: a record that is not committed must not displace the last one that is. */
const compactionLagMs = 600_000;
const segmentBytes = 50 * 1024 * 1024;

export const repartitionTopicName = (id: string, name: string) => `${id}-${name}`;
export const changelogTopicName = (id: string, store: string) => `${id}-${store}-changelog`;

/** Full names of repartition topics. */
export const internalTopics = (graph: Graph): string[] =>
  [...graph.repartitions.keys()].map((name) => repartitionTopicName(graph.id, name));

/** Throws TopologyError for topics that are missing or not co-partitioned, with their counts. */
export function planTopology(graph: Graph, partitionsOf: (topic: string) => number | undefined): Plan {
  const counts = countPartitions(graph, partitionsOf);
  const subs = subTopologies(graph);
  const planned = subs
    .filter(({ isGlobal }) => !isGlobal)
    .map((sub): PlannedSubTopology => {
      const topics = sourcesOf(sub).map((node) => fullName(graph, node));
      const partitions = Math.max(...topics.map((topic) => counts.get(topic)!));
      return { id: sub.id, topics, partitions, stores: [...sub.stores] };
    });
  const changelogs = new Map<string, InternalTopic>();
  for (const { stores, partitions } of planned) {
    for (const store of stores) {
      const { logged, kind, retentionMs } = graph.stores.get(store)!;
      if (!logged) continue;
      const isWindowed = kind === 'window' || kind === 'session';
      const configs = {
        'cleanup.policy': isWindowed ? 'compact,delete' : 'compact',
        'min.compaction.lag.ms': String(compactionLagMs),
        ...(isWindowed && { 'retention.ms': String(retentionMs + dayMs) }),
      };
      changelogs.set(store, { name: changelogTopicName(graph.id, store), partitions, configs });
    }
  }
  const fingerprint = createHash('sha256').update(describeTopology(graph)).digest('hex').slice(0, 16);
  return {
    ...{ id: graph.id, fingerprint, subTopologies: planned, changelogs },
    globalTopics: subs
      .filter(({ isGlobal }) => isGlobal)
      .flatMap((sub) => sourcesOf(sub).map(({ topic }) => topic.name)),
    repartitionTopics: [...graph.repartitions.values()].map(({ name }) => {
      const full = repartitionTopicName(graph.id, name);
      const configs = {
        'cleanup.policy': 'delete',
        'retention.ms': '-1',
        'segment.bytes': String(segmentBytes),
        'message.timestamp.type': 'CreateTime',
      };
      return { name: full, partitions: counts.get(full)!, configs };
    }),
  };
}

const sourcesOf = ({ nodes }: SubTopology) =>
  nodes.filter((node): node is SourceNode => node.kind === 'source');

const fullName = (graph: Graph, node: SourceNode) =>
  node.isInternal ? repartitionTopicName(graph.id, node.topic.name) : node.topic.name;

/** Partitions of every topic that is read: those of the cluster, and for internal ones what their upstream and partners need. */
function countPartitions(
  graph: Graph,
  partitionsOf: (topic: string) => number | undefined,
): Map<string, number> {
  const counts = new Map<string, number>();
  const sources = [...graph.nodes.values()].filter((node): node is SourceNode => node.kind === 'source');
  for (const node of sources.filter(({ isInternal }) => !isInternal)) {
    const count = partitionsOf(node.topic.name);
    if (count === undefined) throw new TopologyError(`there is no topic ${node.topic.name}`);
    counts.set(node.topic.name, count);
  }
  const groups = coPartitionGroups(graph);
  // A repartition topic may feed another: as long as something is found, look again.
  for (let open = true; open; ) {
    open = false;
    for (const node of sources.filter(({ isInternal }) => isInternal)) {
      const name = fullName(graph, node);
      if (counts.has(name)) continue;
      const enforced = graph.repartitions.get(node.topic.name)!.partitions;
      const upstream = enforced === null ? upstreamCounts(graph, node.topic.name, counts) : [enforced];
      if (upstream.includes(undefined)) continue;
      counts.set(name, Math.max(1, ...(upstream as number[])));
      open = true;
    }
    for (const group of groups) open = levelGroup(graph, group, counts) || open;
  }
  return counts;
}

/** Counts of all sources behind the sinks that write a repartition topic. */
function upstreamCounts(
  graph: Graph,
  topic: string,
  counts: ReadonlyMap<string, number>,
): (number | undefined)[] {
  const sinks = [...graph.nodes.values()].filter(
    (node) => node.kind === 'sink' && node.isInternal && node.topic === topic,
  );
  const found = new Set<SourceNode>();
  const climb = (name: string): void => {
    const node = graph.nodes.get(name)!;
    if (node.kind === 'source') found.add(node);
    else for (const parent of node.parents) climb(parent);
  };
  for (const sink of sinks) climb(sink.name);
  return [...found].map((node) => counts.get(fullName(graph, node)));
}

/** Sources whose equal keys have to meet in one task. */
function coPartitionGroups(graph: Graph): SourceNode[][] {
  const groups: Set<SourceNode>[] = [];
  for (const [one, other] of graph.copartitioned) {
    const members = new Set<SourceNode>();
    for (const name of [one, other]) climbTo(graph, name, members);
    const touching = groups.filter((group) => [...members].some((member) => group.has(member)));
    for (const group of touching) {
      for (const member of group) members.add(member);
      groups.splice(groups.indexOf(group), 1);
    }
    groups.push(members);
  }
  return groups.map((group) => [...group]);
}

function climbTo(graph: Graph, name: string, found: Set<SourceNode>): void {
  const node = graph.nodes.get(name)!;
  if (node.kind === 'source') found.add(node);
  else for (const parent of node.parents) climbTo(graph, parent, found);
}

/** Throws where counts that nobody can change differ; gives the others that count. True when one changed. */
function levelGroup(graph: Graph, group: readonly SourceNode[], counts: Map<string, number>): boolean {
  const known = group.map((node) => ({
    node,
    name: fullName(graph, node),
    count: counts.get(fullName(graph, node)),
  }));
  if (known.some(({ count }) => count === undefined)) return false;
  const isFree = (node: SourceNode) =>
    node.isInternal && graph.repartitions.get(node.topic.name)!.partitions === null;
  const fixed = known.filter(({ node }) => !isFree(node));
  const differing = new Set(fixed.map(({ count }) => count));
  if (differing.size > 1) {
    const list = fixed.map(({ name, count }) => `${name} has ${count}`).join(', ');
    throw new TopologyError(`topics that are joined need the same number of partitions: ${list}`);
  }
  const level = fixed[0]?.count ?? Math.max(...known.map(({ count }) => count!));
  let changed = false;
  for (const { name, count } of known) {
    if (count === level) continue;
    counts.set(name, level);
    changed = true;
  }
  return changed;
}
