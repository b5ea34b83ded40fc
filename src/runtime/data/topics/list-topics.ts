import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import { isInternalTopic, isTopicPattern, topicMatcher } from '../../../shared/topic-pattern.ts';
import { eachSite, type OpenSite, type SiteChoice, withSites } from '../sites/at-sites.ts';
import { type SiteOutcome, succeeded } from '../sites/outcomes.ts';
import { bytesIn, readFacts, recordsIn } from './topic-facts.ts';

export interface ListTopicsOptions extends SiteChoice {
  /** Names, globs or /regex/. Default: all. */
  topics?: readonly string[] | undefined;
  /** Lists internal topics too. */
  internal?: boolean | undefined;
}

export interface TopicListing {
  topic: string;
  internal: boolean;
  partitions: number;
  /** End minus start offsets; a compacted topic may have fewer. */
  records: number;
  /** On disk, over all replicas; null where the cluster does not tell. */
  bytes: number | null;
  cleanupPolicy: string;
  /** -1: for ever. */
  retentionMs: number;
  /** Per partition; -1: no limit. */
  retentionBytes: number;
  /** Id of the latest schema of the values; null without one, or when the registry does not answer. */
  schemaId: number | null;
}

export interface ListTopicsResult {
  sites: SiteOutcome<{ topics: TopicListing[] }>[];
}

const shownConfigs = ['cleanup.policy', 'retention.ms', 'retention.bytes'];

/** Lists the topics of each site. Throws DDS_UNKNOWN_TOPIC when a named topic is nowhere; a site that fails is told in its place. */
export async function listTopics(
  options: ListTopicsOptions,
  context: RuntimeContext,
): Promise<ListTopicsResult> {
  const patterns = options.topics?.length ? options.topics : ['*'];
  const matches = topicMatcher(patterns);
  const takes = (name: string) =>
    matches(name) || (options.internal === true && isInternalTopic(name) && patterns.includes('*'));
  const sites = await withSites(options, context, (open) =>
    eachSite(open, (site) => listSite(site, takes, context)),
  );
  const known = new Set(succeeded(sites).flatMap(({ topics }) => topics.map(({ topic }) => topic)));
  const missing = patterns.find((pattern) => !isTopicPattern(pattern) && !known.has(pattern));
  if (missing !== undefined && succeeded(sites).length === sites.length) {
    throw new DdsError('DDS_UNKNOWN_TOPIC', `there is no topic ${missing}`, {
      hint: 'Run dds topics list to see the topics of each site.',
    });
  }
  return { sites };
}

async function listSite(
  { site, admin, registry }: OpenSite,
  takes: (name: string) => boolean,
  context: RuntimeContext,
): Promise<{ topics: TopicListing[] }> {
  const topics = (await admin.listTopics()).filter(({ name }) => takes(name));
  topics.sort((a, b) => (a.name < b.name ? -1 : 1));
  const [facts, configs, schemas] = await Promise.all([
    readFacts(admin, topics),
    admin.describeConfigs(
      topics.map(({ name }) => name),
      shownConfigs,
    ),
    registry.all().catch((error: Error) => {
      context.report(`${site}: no schemas are shown, because ${error.message}`);
      return [];
    }),
  ]);
  // Versions come in rising order: the last one stays.
  const ids = new Map(schemas.map(({ subject, id }) => [subject, id]));
  return {
    topics: topics.map(({ name, internal }, at): TopicListing => {
      const partitions = facts.get(name) ?? [];
      const value = (config: string) => configs[at]?.find((entry) => entry.name === config)?.value;
      return {
        topic: name,
        internal: internal || isInternalTopic(name),
        partitions: partitions.length,
        records: recordsIn(partitions),
        bytes: bytesIn(partitions),
        cleanupPolicy: value('cleanup.policy') ?? 'delete',
        retentionMs: Number(value('retention.ms') ?? -1),
        retentionBytes: Number(value('retention.bytes') ?? -1),
        schemaId: ids.get(`${name}-value`) ?? null,
      };
    }),
  };
}
