import type { RuntimeContext } from '../../../shared/context.ts';
import { type SiteChoice, withSites } from '../sites/at-sites.ts';
import type { SiteOutcome } from '../sites/outcomes.ts';
import { chooseGroups } from './choose-groups.ts';
import type { GroupDetails } from './read-groups.ts';

export interface DescribeGroupsOptions extends SiteChoice {
  groups: readonly string[];
}

export interface DescribeGroupsResult {
  sites: SiteOutcome<{ groups: GroupDetails[] }>[];
}

/** Shows where groups stand in each partition. Throws DDS_UNKNOWN_GROUP. */
export function describeGroups(
  options: DescribeGroupsOptions,
  context: RuntimeContext,
): Promise<DescribeGroupsResult> {
  return withSites(options, context, async (open) => {
    const chosen = await chooseGroups(options.groups, open);
    return { sites: chosen.map(({ site, groups }) => ({ site: site.site, groups })) };
  });
}
