import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import type { ActiveFault, FaultRule } from '../../broker/index.ts';
import type { SiteChoice } from '../sites/at-sites.ts';
import { withEmbeddedSites, withEmbeddedSitesToChange } from '../sites/embedded-sites.ts';

/** The answer of `dds fault list|add|clear --json`. */
export interface FaultsResult {
  sites: { site: string; faults: ActiveFault[] }[];
}

/** Adds the rule at each site. Throws DDS_USAGE for a rule that cannot be; nothing is added then. */
export function addFault(
  { rule, ...choice }: SiteChoice & { rule: FaultRule },
  context: RuntimeContext,
): Promise<FaultsResult> {
  return withEmbeddedSitesToChange(choice, 'faults', context, async (open) => {
    const sites = [];
    for (const { site, ask } of open)
      sites.push({ site, faults: [(await ask('POST', '/faults', rule)) as ActiveFault] });
    return { sites };
  });
}

/** The rules of each site, with what they have hit. */
export function listFaults(choice: SiteChoice, context: RuntimeContext): Promise<FaultsResult> {
  return withEmbeddedSites(choice, 'faults', context, async (open) => ({
    sites: await Promise.all(
      open.map(async ({ site, ask }) => ({ site, faults: (await ask('GET', '/faults')) as ActiveFault[] })),
    ),
  }));
}

/** Takes rules away: those with the ids, else all. Throws DDS_USAGE for an id that no site has. */
export function clearFaults(
  { ids, ...choice }: SiteChoice & { ids?: readonly number[] | undefined },
  context: RuntimeContext,
): Promise<FaultsResult> {
  return withEmbeddedSites(choice, 'faults', context, async (open) => {
    const sites = await Promise.all(
      open.map(async ({ site, ask }) => ({
        site,
        faults: (await ask('POST', '/faults/clear', { ids })) as ActiveFault[],
      })),
    );
    const missing = ids?.find((id) => !sites.some(({ faults }) => faults.some((fault) => fault.id === id)));
    if (missing === undefined) return { sites };
    throw new DdsError('DDS_USAGE', `there is no fault ${missing}`, { hint: 'dds fault list shows them.' });
  });
}
