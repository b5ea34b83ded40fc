import type { TopicPartition } from '../port.ts';

/** Groups partitions as requests want them: topics with partitions. */
export function byTopic<P extends TopicPartition, E>(
  partitions: readonly P[],
  entry: (partition: P) => E,
): [string, E[]][] {
  const topics = new Map<string, E[]>();
  for (const partition of partitions) {
    const entries = topics.get(partition.topic);
    if (entries) entries.push(entry(partition));
    else topics.set(partition.topic, [entry(partition)]);
  }
  return [...topics];
}
