type Values = Record<string, unknown>;

export interface NamedPartitions {
  topic: string;
  partitions: number[];
}

/** Topics and partitions that a request names, whatever its API calls them. `nameOf` tells the name of a topic id. */
export function partitionsIn(
  request: unknown,
  nameOf: (topicId: string) => string | undefined,
): NamedPartitions[] {
  const { topics, topicData, topicNames } = request as Values;
  const named = topics ?? topicData ?? topicNames;
  if (!Array.isArray(named)) return [];
  return named.map((each: unknown) => {
    if (typeof each === 'string') return { topic: each, partitions: [] };
    const { name, topic, topicId, partitions, partitionData, partitionIndexes } = each as Values;
    const list = partitions ?? partitionData ?? partitionIndexes;
    const called = name || topic || nameOf(String(topicId)) || '';
    return { topic: String(called), partitions: Array.isArray(list) ? list.map(numberOf) : [] };
  });
}

function numberOf(partition: unknown): number {
  if (typeof partition === 'number') return partition;
  const { partitionIndex, index, partition: number } = partition as Values;
  return Number(partitionIndex ?? index ?? number);
}
