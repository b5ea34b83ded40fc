import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import { eachSite, everySite, type SiteChoice, withSitesToChange } from '../sites/at-sites.ts';
import type { SiteOutcome } from '../sites/outcomes.ts';
import { resolveOffsets } from '../tail/offsets.ts';
import { parsePosition } from '../tail/position.ts';
import { chooseTopicsToDestroy, type SiteTopics } from './choose-topics.ts';
import type { DestroyOptions } from './delete-topics.ts';

export interface PurgeTopicsOptions extends SiteChoice, DestroyOptions<PurgeTopicsResult> {
  /** Offset or time before which records go, as `dds tail --from` takes it. Default: all that are there. */
  before?: string | undefined;
}

export interface PurgedPartition {
  topic: string;
  partition: number;
  /** First offset before. */
  from: number;
  /** First offset afterwards. */
  to: number;
}

export interface PurgeTopicsResult {
  dryRun: boolean;
  sites: SiteOutcome<{ records: number; partitions: PurgedPartition[] }>[];
}

/** Removes records from the start of topics (KIP-107). Throws what chooseTopicsToDestroy, parsePosition and `confirm` throw. */
export function purgeTopics(
  options: PurgeTopicsOptions,
  context: RuntimeContext,
): Promise<PurgeTopicsResult> {
  const { yes, dryRun, before } = options;
  const position = parsePosition(before ?? 'newest', '--before', context.clock.now());
  return withSitesToChange(options, context, async (open) => {
    const chosen = await chooseTopicsToDestroy(options.topics, open, {
      command: 'dds topics purge',
      sure: yes || dryRun,
    });
    const where = chosen.map(({ site }) => site);
    await refuseCompacted(chosen);
    const plannedAt = new Map(
      await everySite(where, async (site) => {
        const topics = chosen.find((one) => one.site === site)?.topics ?? [];
        const all = topics.flatMap(({ name, partitions }) =>
          partitions.map(({ partition }) => ({ topic: name, partition })),
        );
        const ranges = await resolveOffsets(site.admin, all, position, { kind: 'newest' });
        return [
          site.site,
          ranges.map(({ topic, partition, earliest, start }) => ({
            topic,
            partition,
            from: earliest,
            to: start,
          })),
        ] as const;
      }),
    );
    const plan = {
      dryRun,
      sites: where.map(({ site }) => ({ site, ...summary(plannedAt.get(site) ?? []) })),
    };
    if (dryRun) return plan;
    await options.confirm(plan);
    const sites = await eachSite(where, async ({ site, admin }) => {
      const wanted = (plannedAt.get(site) ?? []).filter(({ from, to }) => to > from);
      const starts = await admin.deleteRecords(
        wanted.map(({ topic, partition, to }) => ({ topic, partition, offset: to })),
      );
      return summary(wanted.map((range, at) => ({ ...range, to: starts[at]! })));
    });
    return { dryRun, sites };
  });
}

const summary = (partitions: readonly PurgedPartition[]) => ({
  records: partitions.reduce((sum, { from, to }) => sum + to - from, 0),
  partitions: partitions.filter(({ from, to }) => to > from),
});

/** Kafka keeps the records of a topic that is only compacted. */
async function refuseCompacted(chosen: readonly SiteTopics[]): Promise<void> {
  for (const { site, topics } of chosen) {
    const names = topics.map(({ name }) => name);
    const configs = await site.admin.describeConfigs(names, ['cleanup.policy']);
    const at = configs.findIndex((entries) => entries[0]?.value === 'compact');
    if (at < 0) continue;
    throw new DdsError('DDS_USAGE', `${names[at]} is compacted, so its records stay`, {
      hint: `dds topics alter ${names[at]} --config cleanup.policy=compact,delete allows it.`,
      details: { topic: names[at], site: site.site },
    });
  }
}
