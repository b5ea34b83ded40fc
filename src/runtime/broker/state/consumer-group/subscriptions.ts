import { expression } from '../expression.ts';
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
  const all = [...topics];
  const byName = new Map(all.map((topic) => [topic.name, topic]));
  const partitionCounts = new Map<string, number>();
  // Most members of a group are subscribed to the same.
  const known = new Map<string, ReadonlySet<string>>();
  const idsOf = ({ topicNames, topicRegex }: ConsumerMember): ReadonlySet<string> => {
    const key = JSON.stringify([topicNames, topicRegex]);
    const before = known.get(key);
    if (before) return before;
    const named = topicNames.flatMap((name) => byName.get(name) ?? []);
    const matches = topicRegex === null ? null : expression(topicRegex);
    const matched = matches === null ? [] : all.filter(({ name }) => matches(name));
    const wanted = [...named, ...matched];
    for (const topic of wanted) partitionCounts.set(topic.id, topic.partitions);
    const ids = new Set(wanted.map(({ id }) => id));
    known.set(key, ids);
    return ids;
  };
  const byMember = new Map([...members.values()].map((member) => [member.id, idsOf(member)]));
  return {
    byMember,
    partitionCounts,
    signature: [...partitionCounts]
      .map(([id, count]) => `${id}:${count}`)
      .sort()
      .join(),
  };
}
