import type { RuntimeContext } from '../../../shared/context.ts';
import { eachSite, everySite, type SiteChoice, withSitesToChange } from '../sites/at-sites.ts';
import type { SiteOutcome } from '../sites/outcomes.ts';
import { chooseTopicsToDestroy } from './choose-topics.ts';
import { readFacts, recordsIn } from './topic-facts.ts';

export interface DestroyOptions<Plan> extends SiteChoice {
  /** Names; globs only with `yes` or `dryRun`. */
  topics: readonly string[];
  yes: boolean;
  dryRun: boolean;
  /** Asked with what would be done; throws to stop it. Not called with `dryRun`. */
  confirm(plan: Plan): Promise<void>;
}

export interface DeletedTopic {
  topic: string;
  partitions: number;
  records: number;
}

export interface DeleteTopicsResult {
  dryRun: boolean;
  sites: SiteOutcome<{ topics: DeletedTopic[] }>[];
}

/** Deletes topics with their records. Throws what chooseTopicsToDestroy and `confirm` throw. */
export function deleteTopics(
  options: DestroyOptions<DeleteTopicsResult>,
  context: RuntimeContext,
): Promise<DeleteTopicsResult> {
  const { yes, dryRun } = options;
  return withSitesToChange(options, context, async (open) => {
    const chosen = await chooseTopicsToDestroy(options.topics, open, {
      command: 'dds topics delete',
      sure: yes || dryRun,
    });
    const where = chosen.map(({ site }) => site);
    const topicsAt = new Map(chosen.map(({ site, topics }) => [site, topics]));
    const planned = await everySite(where, async (site) => {
      const topics = topicsAt.get(site) ?? [];
      const facts = await readFacts(site.admin, topics);
      return {
        site: site.site,
        topics: topics.map(({ name, partitions }) => ({
          topic: name,
          partitions: partitions.length,
          records: recordsIn(facts.get(name) ?? []),
        })),
      };
    });
    const plan = { dryRun, sites: planned };
    if (dryRun) return plan;
    await options.confirm(plan);
    const sites = await eachSite(where, async (site) => {
      await site.admin.deleteTopics((topicsAt.get(site) ?? []).map(({ name }) => name));
      return { topics: planned.find((one) => one.site === site.site)?.topics ?? [] };
    });
    return { dryRun, sites };
  });
}
