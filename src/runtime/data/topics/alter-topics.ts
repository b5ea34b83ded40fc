import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import type { TopicDescription } from '../../kafka/index.ts';
import { eachSite, everySite, type OpenSite, type SiteChoice, withSitesToChange } from '../sites/at-sites.ts';
import type { SiteOutcome } from '../sites/outcomes.ts';
import { checked } from './checked.ts';
import { chooseTopics } from './choose-topics.ts';

export interface AlterTopicsOptions extends SiteChoice {
  /** Names, globs or /regex/. */
  topics: readonly string[];
  /** New number of partitions; it only grows. */
  partitions?: number | undefined;
  /** Values to set; null goes back to the default. */
  configs: Readonly<Record<string, string | null>>;
  dryRun: boolean;
}

export interface TopicChange {
  topic: string;
  /** null when it stays. */
  partitions: { from: number; to: number } | null;
  configs: { name: string; from: string | null; to: string | null }[];
}

export interface AlterTopicsResult {
  dryRun: boolean;
  sites: SiteOutcome<{ topics: TopicChange[] }>[];
}

/**
 * Changes topics. What cannot be done at one site is found out before any is changed.
 * Throws DDS_USAGE and DDS_UNKNOWN_TOPIC.
 */
export async function alterTopics(
  options: AlterTopicsOptions,
  context: RuntimeContext,
): Promise<AlterTopicsResult> {
  const { partitions, configs, dryRun } = options;
  if (partitions === undefined && Object.keys(configs).length === 0) {
    throw new DdsError('DDS_USAGE', 'there is nothing to change', {
      hint: 'Add --partitions N, --config NAME=VALUE or --unset NAME.',
    });
  }
  return withSitesToChange(options, context, async (open) => {
    const chosen = await chooseTopics(options.topics, open);
    const topicsAt = new Map(chosen.map(({ site, topics }) => [site, topics]));
    const where = chosen.map(({ site }) => site);
    for (const { topics } of chosen) for (const topic of topics) refuseFewer(topic, partitions);
    const before = new Map(
      await everySite(where, async (site) => {
        const topics = topicsAt.get(site) ?? [];
        for (const { name } of topics) {
          await checked(site.admin.alterTopicConfigs(name, configs, { validateOnly: true }));
        }
        return [site, await valuesBefore(site, topics, Object.keys(configs))] as const;
      }),
    );
    const sites = await eachSite(where, async (site) => {
      const topics = topicsAt.get(site) ?? [];
      if (!dryRun) {
        for (const { name, partitions: has } of topics) {
          if (partitions !== undefined && partitions > has.length) {
            await site.admin.createPartitions(name, partitions);
          }
          await site.admin.alterTopicConfigs(name, configs);
        }
      }
      const after = dryRun ? null : await valuesBefore(site, topics, Object.keys(configs));
      return {
        topics: topics.map((topic, at) => changeOf(topic, options, before.get(site)?.[at], after?.[at])),
      };
    });
    return { dryRun, sites };
  });
}

type Values = Map<string, string | null>;

function changeOf(
  { name, partitions: has }: TopicDescription,
  { partitions, configs }: AlterTopicsOptions,
  before: Values | undefined,
  after: Values | undefined,
): TopicChange {
  const from = has.length;
  return {
    topic: name,
    partitions: partitions === undefined || partitions === from ? null : { from, to: partitions },
    configs: Object.entries(configs).map(([config, value]) => ({
      name: config,
      from: before?.get(config) ?? null,
      to: after?.get(config) ?? value,
    })),
  };
}

async function valuesBefore(
  { admin }: OpenSite,
  topics: readonly TopicDescription[],
  names: readonly string[],
): Promise<Values[]> {
  if (names.length === 0) return [];
  const all = await admin.describeConfigs(
    topics.map(({ name }) => name),
    names,
  );
  return all.map((entries) => new Map(entries.map(({ name, value }) => [name, value])));
}

function refuseFewer({ name, partitions: has }: TopicDescription, wanted: number | undefined): void {
  if (wanted === undefined || wanted >= has.length) return;
  throw new DdsError('DDS_USAGE', `${name} has ${has.length} partitions; ${wanted} would be fewer`, {
    hint: 'Partitions can only be added: with fewer, keys would move and records be lost.',
    details: { topic: name, partitions: has.length, wanted },
  });
}
