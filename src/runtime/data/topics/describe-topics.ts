import type { RuntimeContext } from '../../../shared/context.ts';
import type { ConfigEntry, TopicDescription } from '../../kafka/index.ts';
import { readGroups } from '../groups/read-groups.ts';
import { eachSite, type OpenSite, type SiteChoice, withSites } from '../sites/at-sites.ts';
import type { SiteOutcome } from '../sites/outcomes.ts';
import { chooseTopics } from './choose-topics.ts';
import { bytesIn, type PartitionFacts, readFacts, recordsIn } from './topic-facts.ts';

export interface DescribeTopicsOptions extends SiteChoice {
  /** Names, globs or /regex/. */
  topics: readonly string[];
}

export interface TopicDetails {
  topic: string;
  /** KIP-516; null where the cluster does not tell. */
  id: string | null;
  records: number;
  bytes: number | null;
  partitions: PartitionFacts[];
  /** Those that differ from the default. */
  configs: ConfigEntry[];
  schemas: { subject: string; version: number; id: number; type: string }[];
  groups: { group: string; state: string; lag: number }[];
}

export interface DescribeTopicsResult {
  sites: SiteOutcome<{ topics: TopicDetails[] }>[];
}

/** Shows topics with their partitions, configs, schemas and readers. Throws what chooseTopics throws. */
export function describeTopics(
  options: DescribeTopicsOptions,
  context: RuntimeContext,
): Promise<DescribeTopicsResult> {
  return withSites(options, context, async (open) => {
    const chosen = await chooseTopics(options.topics, open);
    const topicsAt = new Map(chosen.map(({ site, topics }) => [site, topics]));
    const sites = await eachSite(
      chosen.map(({ site }) => site),
      async (site) => ({ topics: await detailsOf(site, topicsAt.get(site) ?? [], context) }),
    );
    return { sites };
  });
}

async function detailsOf(
  { site, admin, registry }: OpenSite,
  topics: readonly TopicDescription[],
  context: RuntimeContext,
): Promise<TopicDetails[]> {
  const names = topics.map(({ name }) => name);
  const [facts, configs, groups, schemas] = await Promise.all([
    readFacts(admin, topics),
    admin.describeConfigs(names),
    readGroups(admin),
    registry.all().catch((error: Error) => {
      context.report(`${site}: no schemas are shown, because ${error.message}`);
      return [];
    }),
  ]);
  const latest = new Map(schemas.map((schema) => [schema.subject, schema]));
  return topics.map(({ name, id }, at) => {
    const partitions = facts.get(name) ?? [];
    return {
      topic: name,
      id,
      records: recordsIn(partitions),
      bytes: bytesIn(partitions),
      partitions,
      configs: (configs[at] ?? []).filter(({ source }) => source !== 'default'),
      schemas: [`${name}-key`, `${name}-value`].flatMap((subject) => {
        const found = latest.get(subject);
        return found ? [{ subject, version: found.version, id: found.id, type: found.schemaType }] : [];
      }),
      groups: groups.flatMap(({ group, state, partitions: read }) => {
        const own = read.filter(({ topic }) => topic === name);
        if (own.length === 0) return [];
        return [{ group, state, lag: own.reduce((sum, { lag }) => sum + lag, 0) }];
      }),
    };
  });
}
