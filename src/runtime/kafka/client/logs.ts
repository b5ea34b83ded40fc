import { deleteRecords, describeLogDirs, kafkaErrorEntry } from '../../protocol/index.ts';
import type { TopicPartition } from '../port.ts';
import { byTopic } from './by-topic.ts';
import type { Cluster } from './cluster.ts';
import { kafkaError } from './errors.ts';

/** Removes the records before each offset (-1: before the high watermark); first offsets afterwards, in the order asked. */
export async function deleteBefore(
  cluster: Cluster,
  before: readonly (TopicPartition & { offset: number })[],
): Promise<number[]> {
  const index = new Map(before.map(({ topic, partition }, at) => [`${topic}/${partition}`, at]));
  const starts = before.map(() => -1);
  let missing = before;
  await cluster.describe([...new Set(before.map(({ topic }) => topic))]);
  await cluster.retrying(async () => {
    const failed: (TopicPartition & { offset: number })[] = [];
    let failure: Error | null = null;
    const byLeader = Map.groupBy(missing, ({ topic, partition }) => cluster.leader(topic, partition));
    for (const [leader, led] of byLeader) {
      const connection = await (leader < 0 ? cluster.any() : cluster.node(leader));
      const { topics } = await connection.request(deleteRecords, {
        topics: byTopic(led, ({ partition, offset }) => ({ partitionIndex: partition, offset })).map(
          ([name, partitions]) => ({ name, partitions }),
        ),
        timeoutMs: cluster.requestTimeoutMs,
      });
      for (const { name, partitions } of topics) {
        for (const { partitionIndex, errorCode, lowWatermark } of partitions) {
          const at = index.get(`${name}/${partitionIndex}`)!;
          if (errorCode === 0) starts[at] = lowWatermark;
          else {
            failed.push(before[at]!);
            failure = kafkaError(errorCode, `deleting records of ${name}/${partitionIndex}`);
            if (!kafkaErrorEntry(errorCode).retriable) throw failure;
          }
        }
      }
    }
    missing = failed;
    if (!failure) return;
    await cluster.describe([...new Set(failed.map(({ topic }) => topic))]);
    throw failure;
  });
  return starts;
}

/** Bytes on disk per partition, over all replicas; without those that no broker told of. */
export async function logSizes(
  cluster: Cluster,
  topics: readonly string[] | undefined,
): Promise<(TopicPartition & { bytes: number })[]> {
  const described = await cluster.describe(topics ?? null);
  const wanted = described.map(({ name, partitions }) => ({
    topic: name,
    partitions: partitions.map(({ partition }) => partition),
  }));
  const sizes = new Map<string, TopicPartition & { bytes: number }>();
  for (const { nodeId } of cluster.nodes) {
    const connection = await cluster.node(nodeId);
    if (!connection.supports(describeLogDirs)) continue;
    const { results } = await connection.request(describeLogDirs, { topics: wanted });
    for (const { name, partitions } of results.flatMap((directory) => directory.topics)) {
      for (const { partitionIndex: partition, partitionSize, isFutureKey } of partitions) {
        if (isFutureKey) continue;
        const key = `${name}/${partition}`;
        const bytes = (sizes.get(key)?.bytes ?? 0) + partitionSize;
        sizes.set(key, { topic: name, partition, bytes });
      }
    }
  }
  return [...sizes.values()];
}
