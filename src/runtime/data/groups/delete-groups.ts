import type { RuntimeContext } from '../../../shared/context.ts';
import { eachSite, type SiteChoice, withSitesToChange } from '../sites/at-sites.ts';
import type { SiteOutcome } from '../sites/outcomes.ts';
import { chooseIdleGroups } from './choose-groups.ts';

export interface DeleteGroupsOptions extends SiteChoice {
  groups: readonly string[];
  dryRun: boolean;
  /** Asked with what would be done; throws to stop it. Not called with `dryRun`. */
  confirm(plan: DeleteGroupsResult): Promise<void>;
}

export interface DeleteGroupsResult {
  dryRun: boolean;
  sites: SiteOutcome<{ groups: string[] }>[];
}

/** Deletes groups with their positions. Throws DDS_UNKNOWN_GROUP, DDS_GROUP_IN_USE, DDS_USAGE and what `confirm` throws. */
export function deleteGroups(
  options: DeleteGroupsOptions,
  context: RuntimeContext,
): Promise<DeleteGroupsResult> {
  const { dryRun } = options;
  return withSitesToChange(options, context, async (open) => {
    const chosen = await chooseIdleGroups(options.groups, open);
    const namesAt = new Map(chosen.map(({ site, groups }) => [site.site, groups.map(({ group }) => group)]));
    const planned = { dryRun, sites: [...namesAt].map(([site, groups]) => ({ site, groups })) };
    if (dryRun) return planned;
    await options.confirm(planned);
    const sites = await eachSite(
      chosen.map(({ site }) => site),
      async ({ site, admin }) => {
        const groups = namesAt.get(site) ?? [];
        for (const group of groups) await admin.deleteGroup(group);
        return { groups };
      },
    );
    return { dryRun, sites };
  });
}
