import { DdsError } from '../../../errors/index.ts';
import { nearNames } from '../../../shared/near-names.ts';
import { everySite, type OpenSite } from '../sites/at-sites.ts';
import { type GroupDetails, readGroups } from './read-groups.ts';

/** A site with the groups that were named and are there. */
export interface SiteGroups {
  site: OpenSite;
  groups: GroupDetails[];
}

/** The named groups, at each site that has one. Throws DDS_UNKNOWN_GROUP for a name that no site has. */
export async function chooseGroups(
  names: readonly string[],
  sites: readonly OpenSite[],
): Promise<SiteGroups[]> {
  const found = await everySite(sites, async (site) => ({
    site,
    groups: await readGroups(site.admin, names),
  }));
  const missing = names.find(
    (name) => !found.some(({ groups }) => groups.some(({ group }) => group === name)),
  );
  if (missing === undefined) return found.filter(({ groups }) => groups.length > 0);
  const all = await everySite(sites, ({ admin }) => admin.listGroups());
  const known = [...new Set(all.flat().map(({ group }) => group))].sort();
  const near = nearNames(missing, known);
  const where = sites.map(({ site }) => site);
  throw new DdsError('DDS_UNKNOWN_GROUP', `there is no group ${missing} at ${where.join(', ')}`, {
    hint: near.length
      ? `Did you mean ${near.join(' or ')}?`
      : `There ${known.length === 1 ? 'is' : 'are'}: ${known.join(', ') || 'none'}.`,
    details: { group: missing, sites: where, groups: known },
  });
}

/** The same for a change, which takes no group that has members: throws DDS_GROUP_IN_USE and names them. */
export async function chooseIdleGroups(
  names: readonly string[],
  sites: readonly OpenSite[],
): Promise<SiteGroups[]> {
  const chosen = await chooseGroups(names, sites);
  for (const { site, groups } of chosen) {
    for (const { group, members } of groups) {
      if (members.length === 0) continue;
      const named = members.slice(0, 5).map(({ clientId, host }) => `${clientId} (${host})`);
      const more = members.length > 5 ? ` and ${members.length - 5} more` : '';
      throw new DdsError(
        'DDS_GROUP_IN_USE',
        `group ${group} at ${site.site} has ${members.length === 1 ? 'a member' : `${members.length} members`}: ${named.join(', ')}${more}`,
        { details: { group, site: site.site, members } },
      );
    }
  }
  return chosen;
}
