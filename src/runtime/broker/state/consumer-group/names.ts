import { filter, listOf, NO_PARTITIONS, type Partitions, partitionsOf } from './partitions.ts';
import type { SubscribableTopic } from './subscriptions.ts';

interface NamedPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Members of the classic protocol know topics by name; what is not there any more falls out. */
export function fromNames(named: readonly NamedPartition[], topics: Iterable<SubscribableTopic>): Partitions {
  if (named.length === 0) return NO_PARTITIONS;
  const byName = new Map([...topics].map((topic) => [topic.name, topic]));
  const counts = new Map([...byName.values()].map(({ id, partitions }) => [id, partitions]));
  const given = [...Map.groupBy(named, ({ topic }) => byName.get(topic)?.id ?? '')].map(([topicId, of]) => ({
    topicId,
    partitions: of.map(({ partition }) => partition),
  }));
  return filter(partitionsOf(given), (topicId, partition) => partition < (counts.get(topicId) ?? 0));
}

export function toNames(partitions: Partitions, topics: Iterable<SubscribableTopic>): NamedPartition[] {
  const names = new Map([...topics].map(({ id, name }) => [id, name]));
  return listOf(partitions).flatMap(({ topicId, partitions: numbers }) => {
    const topic = names.get(topicId);
    return topic === undefined ? [] : numbers.map((partition) => ({ topic, partition }));
  });
}
