import type { RuntimeContext } from '../../shared/context.ts';
import { chooseSites } from './register.ts';
import { type RegistrationKind, type Registrations, readRegistrations } from './registrations.ts';

export interface RegisteredOptions {
  stack?: string | undefined;
  /** Default: all. */
  sites?: readonly string[] | undefined;
  /** Default: all. */
  kinds?: readonly RegistrationKind[] | undefined;
}

export type AtSites<Entry> = Entry & { sites: string[] };

/** The kinds that were asked for; entries that differ from site to site are listed once each. */
export type RegisteredResult = { [K in RegistrationKind]?: AtSites<Registrations[K][number]>[] };

const allKinds = ['devices', 'sensors', 'sensorTypes'] as const;

/** Lists what is registered, with the sites that know it. Throws what readRegistrations throws. */
export async function registered(
  options: RegisteredOptions,
  context: RuntimeContext,
): Promise<RegisteredResult> {
  const kinds = options.kinds ?? allKinds;
  const sites = await chooseSites(options, context, 'any');
  const found = await Promise.all(
    sites.map(async (at) => ({
      site: at.site,
      entries: await readRegistrations(at, kinds),
    })),
  );
  const result: RegisteredResult = {};
  for (const kind of kinds) {
    const lists = found.map(({ site, entries }) => ({ site, list: entries[kind] }));
    Object.assign(result, { [kind]: merge<{ id: string }>(lists) });
  }
  return result;
}

function merge<Entry extends { id: string }>(
  found: readonly { site: string; list: readonly Entry[] }[],
): AtSites<Entry>[] {
  const merged = new Map<string, AtSites<Entry>>();
  for (const { site, list } of found) {
    for (const entry of list) {
      const key = JSON.stringify(entry);
      const known = merged.get(key);
      if (known) known.sites.push(site);
      else merged.set(key, { ...entry, sites: [site] });
    }
  }
  return [...merged.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
