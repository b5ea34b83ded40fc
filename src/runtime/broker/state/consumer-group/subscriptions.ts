import type { ConsumerMember } from './member.ts';

export interface SubscribableTopic {
  readonly id: string;
  readonly name: string;
  /** How many there are. */
  readonly partitions: number;
}

export interface ResolvedSubscriptions {
  /** Topic ids by member id. */
  readonly byMember: ReadonlyMap<string, ReadonlySet<string>>;
  /** Of the topics that anybody is subscribed to, by id. */
  readonly partitionCounts: ReadonlyMap<string, number>;
  /** Another text when the group has to be shared out anew. */
  readonly signature: string;
}

/** Which of the topics there are the members are subscribed to, by name or by expression. */
export function resolveSubscriptions(
  members: ReadonlyMap<string, ConsumerMember>,
  topics: Iterable<SubscribableTopic>,
): ResolvedSubscriptions {
  const wanted = [...members.values()].map(({ id, topicNames, topicRegex }) => ({
    id,
    names: new Set(topicNames),
    regex: topicRegex === null ? null : topicExpression(topicRegex),
    topics: new Set<string>(),
  }));
  const partitionCounts = new Map<string, number>();
  for (const topic of topics) {
    for (const one of wanted) {
      if (!one.names.has(topic.name) && !one.regex?.test(topic.name)) continue;
      one.topics.add(topic.id);
      partitionCounts.set(topic.id, topic.partitions);
    }
  }
  return {
    byMember: new Map(wanted.map(({ id, topics: ids }) => [id, ids])),
    partitionCounts,
    signature: [...partitionCounts]
      .map(([id, count]) => `${id}:${count}`)
      .sort()
      .join(),
  };
}

/** Matches whole names. Kafka's syntax is RE2's; what JavaScript does not know of it throws. */
export const topicExpression = (regex: string): RegExp => new RegExp(`^(?:${regex})$`);
