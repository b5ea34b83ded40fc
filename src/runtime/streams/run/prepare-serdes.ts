import type { Graph } from '../graph/graph.ts';
import { changelogTopicName, repartitionTopicName } from '../plan.ts';

/** Gives every serde that writes what it lacks, such as the id of its schema. */
export async function prepareSerdes(graph: Graph): Promise<void> {
  for (const node of graph.nodes.values()) {
    if (node.kind !== 'sink') continue;
    const topic = node.isInternal ? repartitionTopicName(graph.id, node.topic) : node.topic;
    await node.key.prepare?.(topic);
    await node.value.prepare?.(topic);
  }
  for (const { name, logged, key, value } of graph.stores.values()) {
    if (!logged) continue;
    await key.prepare?.(changelogTopicName(graph.id, name));
    await value.prepare?.(changelogTopicName(graph.id, name));
  }
}
