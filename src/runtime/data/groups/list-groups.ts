import type { RuntimeContext } from '../../../shared/context.ts';
import { eachSite, type SiteChoice, withSites } from '../sites/at-sites.ts';
import type { SiteOutcome } from '../sites/outcomes.ts';
import { type GroupDetails, readGroups } from './read-groups.ts';

export interface GroupSummary {
  group: string;
  /** `Stable`, `Empty`, `PreparingRebalance` or `CompletingRebalance`. */
  state: string;
  members: number;
  topics: string[];
  /** Records that are still to be read, over all partitions. */
  lag: number;
}

export interface ListGroupsResult {
  sites: SiteOutcome<{ groups: GroupSummary[] }>[];
}

/** Lists the consumer groups of each site. */
export function listGroups(options: SiteChoice, context: RuntimeContext): Promise<ListGroupsResult> {
  return withSites(options, context, async (open) => ({
    sites: await eachSite(open, async ({ admin }) => ({ groups: (await readGroups(admin)).map(summarise) })),
  }));
}

/** A group without its partitions. */
export function summarise({ group, state, members, lag, partitions }: GroupDetails): GroupSummary {
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  return { group, state, members: members.length, topics, lag };
}
