import { DdsError } from '../../../errors/index.ts';
import { nearNames } from '../../../shared/near-names.ts';
import { isTopicPattern, topicMatcher } from '../../../shared/topic-pattern.ts';
import type { TopicDescription } from '../../kafka/port.ts';

/** Throws DDS_UNKNOWN_TOPIC for a name that no site has, DDS_USAGE for a partition that a named topic has nowhere. */
export function checkTopics(
  patterns: readonly string[],
  partitions: readonly number[] | undefined,
  topics: readonly TopicDescription[],
  sites: readonly string[],
): void {
  const known = [...new Set(topics.map(({ name }) => name))].sort();
  const where = sites.length === 1 ? `at ${sites[0]}` : `at any of ${sites.join(', ')}`;
  for (const name of patterns.filter((pattern) => !isTopicPattern(pattern))) {
    if (!known.includes(name)) {
      const near = nearNames(name, known);
      const open = known.filter((topic) => !topic.startsWith('_'));
      throw new DdsError('DDS_UNKNOWN_TOPIC', `there is no topic ${name} ${where}`, {
        hint: near.length ? `Did you mean ${near.join(' or ')}?` : `There are: ${open.join(', ') || 'none'}.`,
        details: { topic: name, near, sites },
      });
    }
    const count = Math.max(
      ...topics.filter((topic) => topic.name === name).map((topic) => topic.partitions.length),
    );
    const missing = partitions?.find((partition) => partition >= count);
    if (missing !== undefined) {
      throw new DdsError(
        'DDS_USAGE',
        `${name} has ${count === 1 ? 'only partition 0' : `the partitions 0 to ${count - 1}`}, not ${missing}`,
        {
          hint: 'Leave --partition away to see all of them.',
          details: { topic: name, partition: missing },
        },
      );
    }
  }
}

/** Throws DDS_UNKNOWN_TOPIC when nothing is chosen: for a tail that would otherwise end without a word. */
export function checkAnyTopic(patterns: readonly string[], topics: readonly TopicDescription[]): void {
  if (topics.some(({ name }) => topicMatcher(patterns)(name))) return;
  throw new DdsError('DDS_UNKNOWN_TOPIC', `no topic matches ${patterns.join(', ')}`, {
    details: { patterns },
  });
}
