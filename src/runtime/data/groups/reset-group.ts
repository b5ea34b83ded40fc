import type { RuntimeContext } from '../../../shared/context.ts';
import { eachSite, everySite, type SiteChoice, withSitesToChange } from '../sites/at-sites.ts';
import type { SiteOutcome } from '../sites/outcomes.ts';
import { chooseIdleGroups } from './choose-groups.ts';
import { newOffsets, parseTarget, parseTopicChoice, partitionsToReset } from './reset-target.ts';

export interface ResetGroupOptions extends SiteChoice {
  group: string;
  /** `earliest`, `latest`, an offset or a time, as `dds tail --from` takes it. */
  to?: string | undefined;
  /** Records to go forward, or with a minus back, from where the group is. */
  shift?: string | undefined;
  /** `TOPIC` or `TOPIC:PARTITION`. Default: all that the group has a position in. */
  topic?: string | undefined;
  dryRun: boolean;
  /** Asked with what would be done; throws to stop it. Not called with `dryRun`. */
  confirm(plan: ResetGroupResult): Promise<void>;
}

export interface ResetPartition {
  topic: string;
  partition: number;
  /** null: it had no position. */
  before: number | null;
  after: number;
}

export interface ResetGroupResult {
  group: string;
  dryRun: boolean;
  sites: SiteOutcome<{ partitions: ResetPartition[] }>[];
}

/**
 * Moves a group that has no members. Throws DDS_USAGE, DDS_UNKNOWN_GROUP, DDS_UNKNOWN_TOPIC, DDS_GROUP_IN_USE and what
 * `confirm` throws.
 */
export async function resetGroup(
  options: ResetGroupOptions,
  context: RuntimeContext,
): Promise<ResetGroupResult> {
  const { group, dryRun } = options;
  const target = parseTarget(options.to, options.shift, context.clock.now());
  const choice = options.topic === undefined ? null : parseTopicChoice(options.topic);
  return withSitesToChange(options, context, async (open) => {
    const chosen = await chooseIdleGroups([group], open);
    const planAt = new Map(
      await everySite(
        chosen.map(({ site }) => site),
        async (site) => {
          const read = chosen.find((one) => one.site === site)?.groups[0]?.partitions ?? [];
          const partitions = await partitionsToReset(site.admin, read, choice);
          const before = partitions.map(
            ({ topic, partition }) =>
              read.find((one) => one.topic === topic && one.partition === partition)?.committed ?? null,
          );
          const after = await newOffsets(site.admin, partitions, target, before);
          const plan = partitions.map((one, at) => ({
            ...one,
            before: before[at] ?? null,
            after: after[at]!,
          }));
          return [site.site, plan] as const;
        },
      ),
    );
    const planned = {
      ...{ group, dryRun },
      sites: [...planAt].map(([site, partitions]) => ({ site, partitions })),
    };
    if (dryRun) return planned;
    await options.confirm(planned);
    const sites = await eachSite(
      chosen.map(({ site }) => site),
      async ({ site, admin }) => {
        const partitions = planAt.get(site) ?? [];
        await admin.commit(
          group,
          partitions.map(({ topic, partition, after }) => ({ topic, partition, offset: after })),
        );
        return { partitions };
      },
    );
    return { group, dryRun, sites };
  });
}
