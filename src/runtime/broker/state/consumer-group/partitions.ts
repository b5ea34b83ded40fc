/** Partitions by topic id. */
export type Partitions = ReadonlyMap<string, ReadonlySet<number>>;

export interface TopicIdPartitions {
  topicId: string;
  partitions: readonly number[];
}

export const NO_PARTITIONS: Partitions = new Map();

export function partitionsOf(list: readonly TopicIdPartitions[]): Partitions {
  return new Map(list.map(({ topicId, partitions }) => [topicId, new Set(partitions)]));
}

/** By topic id and number. */
export function listOf(partitions: Partitions): { topicId: string; partitions: number[] }[] {
  return [...partitions]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([topicId, numbers]) => ({ topicId, partitions: [...numbers].sort((a, b) => a - b) }));
}

export function has(partitions: Partitions, topicId: string, partition: number): boolean {
  return partitions.get(topicId)?.has(partition) ?? false;
}

/** Those that the question is answered with yes for. */
export function filter(
  partitions: Partitions,
  keep: (topicId: string, partition: number) => boolean,
): Partitions {
  const kept = new Map<string, Set<number>>();
  for (const [topicId, numbers] of partitions) {
    const some = [...numbers].filter((partition) => keep(topicId, partition));
    if (some.length > 0) kept.set(topicId, new Set(some));
  }
  return kept;
}

export const intersection = (a: Partitions, b: Partitions): Partitions =>
  filter(a, (topicId, partition) => has(b, topicId, partition));

export const difference = (a: Partitions, b: Partitions): Partitions =>
  filter(a, (topicId, partition) => !has(b, topicId, partition));

export function union(a: Partitions, b: Partitions): Partitions {
  const all = new Map<string, Set<number>>();
  for (const part of [a, b])
    for (const [topicId, numbers] of part)
      all.set(topicId, new Set([...(all.get(topicId) ?? []), ...numbers]));
  return all;
}

export const count = (partitions: Partitions): number =>
  [...partitions.values()].reduce((sum, numbers) => sum + numbers.size, 0);

export const isSubset = (a: Partitions, b: Partitions): boolean => difference(a, b).size === 0;

export const equals = (a: Partitions, b: Partitions): boolean => isSubset(a, b) && isSubset(b, a);
