import { isDeepStrictEqual } from 'node:util';
import type { Topology } from '../topology/index.ts';

/** What would change if the stack were started anew, one line each: `sites: edge-1, central → edge-1, edge-2, central`. */
export function topologyDifferences(running: Topology, asked: Topology, ignorePorts: boolean): string[] {
  const differences: string[] = [];
  const compare = (what: string, now: string, then: string) => {
    if (now !== then) differences.push(`${what}: ${now} → ${then}`);
  };
  compare('engine', running.engine, asked.engine);
  compare('sites', names(running.sites), names(asked.sites));
  for (const now of running.sites) {
    const then = asked.sites.find((site) => site.name === now.name);
    if (!then) continue;
    if (!ignorePorts)
      compare(
        `ports of ${now.name}`,
        Object.values(now.ports).join(', '),
        Object.values(then.ports).join(', '),
      );
    compare(`store of ${now.name}`, String(now.store), String(then.store));
    compareLists(`topics of ${now.name}`, now.topics, then.topics);
  }
  compareLists('relays', running.relays, asked.relays);
  compareLists('sinks', running.sinks, asked.sinks);
  compareLists('jobs', running.jobs, asked.jobs);
  // A stack of an earlier version has none.
  compareLists('fleets', running.fleets ?? [], asked.fleets);
  return differences;

  function compareLists(what: string, now: readonly Named[], then: readonly Named[]): void {
    if (isDeepStrictEqual(plain(now), plain(then))) return;
    if (names(now) !== names(then)) {
      compare(what, names(now), names(then));
      return;
    }
    const changed = now.filter((one, at) => !isDeepStrictEqual(plain(one), plain(then[at])));
    differences.push(`${what}: ${names(changed)} changed`);
  }
}

interface Named {
  readonly name: string;
  readonly site?: string;
}

const names = (list: readonly Named[]) =>
  list.map(({ name, site }) => (site ? `${site}/${name}` : name)).join(', ') || 'none';

/** As it looks after a way through JSON, which the running stack's has made. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
