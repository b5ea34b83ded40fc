import { DdsError } from '../../../errors/index.ts';
import { nearNames } from '../../../shared/near-names.ts';
import { isInternalTopic, isTopicPattern, topicMatcher } from '../../../shared/topic-pattern.ts';
import type { TopicDescription } from '../../kafka/index.ts';
import { everySite, type OpenSite } from '../sites/at-sites.ts';

/** A site with the topics that were chosen at it. */
export interface SiteTopics {
  site: OpenSite;
  topics: TopicDescription[];
}

/**
 * The topics that names and globs choose, at each site. Throws DDS_UNKNOWN_TOPIC for a name that no site has, or when
 * nothing matches at all.
 */
export async function chooseTopics(
  patterns: readonly string[],
  sites: readonly OpenSite[],
): Promise<SiteTopics[]> {
  const matches = topicMatcher(patterns);
  const found = await everySite(sites, async (site) => ({ site, all: await site.admin.listTopics() }));
  const known = [...new Set(found.flatMap(({ all }) => all.map(({ name }) => name)))].sort();
  for (const pattern of patterns) {
    if (isTopicPattern(pattern) || known.includes(pattern)) continue;
    throw unknownTopic(pattern, known, sites);
  }
  if (!known.some(matches)) {
    throw new DdsError('DDS_UNKNOWN_TOPIC', `no topic matches ${patterns.join(', ')}`, {
      hint: 'Run dds topics list to see the topics of each site.',
    });
  }
  return found
    .map(({ site, all }) => ({ site, topics: all.filter(({ name }) => matches(name)).sort(byName) }))
    .filter(({ topics }) => topics.length > 0);
}

/** The same for what destroys: internal topics are refused, and a glob needs `sure`. Throws DDS_USAGE. */
export async function chooseTopicsToDestroy(
  patterns: readonly string[],
  sites: readonly OpenSite[],
  { command, sure }: { command: string; sure: boolean },
): Promise<SiteTopics[]> {
  const internal = patterns.find((name) => !isTopicPattern(name) && isInternalTopic(name));
  if (internal !== undefined) {
    throw new DdsError('DDS_USAGE', `${internal} is internal: the site or a relay needs it`, {
      hint: 'dds down --purge removes a stack with all its data.',
      details: { topic: internal },
    });
  }
  const glob = patterns.find(isTopicPattern);
  if (glob !== undefined && !sure) {
    throw new DdsError('DDS_USAGE', `${glob} is a pattern, which ${command} takes only with --yes`, {
      hint: `See what it chooses with ${command} '${glob}' --dry-run, then add --yes.`,
      details: { pattern: glob },
    });
  }
  return chooseTopics(patterns, sites);
}

function unknownTopic(name: string, known: readonly string[], sites: readonly OpenSite[]): DdsError {
  const names = sites.map(({ site }) => site);
  const where = names.length === 1 ? `at ${names[0]}` : `at any of ${names.join(', ')}`;
  const near = nearNames(name, known);
  return new DdsError('DDS_UNKNOWN_TOPIC', `there is no topic ${name} ${where}`, {
    hint: near.length ? `Did you mean ${near.join(' or ')}?` : 'Run dds topics list to see the topics.',
    details: { topic: name, near, sites: names },
  });
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
