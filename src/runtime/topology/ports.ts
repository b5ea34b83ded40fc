import { usedPorts } from './docker.ts';
import type { Report } from './problems.ts';
import type { SitePorts, SiteSpec } from './types.ts';

const centre: SitePorts = { kafka: 9092, wan: 9093, registry: 8081, cassandra: 9042 };

/**
 * The slot of each site, which gives its default ports: 0 for the first central site, k for edge-k, the lowest one
 * that is free for any other name.
 */
export function portSlots(sites: readonly { name: string; role: 'edge' | 'central' }[]): number[] {
  const first = sites.findIndex(({ role }) => role === 'central');
  const numbered = (name: string) => Number(/^edge-([1-9]\d?)$/.exec(name)?.[1] ?? 0);
  const taken = new Set(sites.map(({ name }) => numbered(name)));
  let lowest = 1;
  return sites.map(({ name }, i) => {
    if (i === first) return 0;
    if (numbered(name)) return numbered(name);
    while (taken.has(lowest)) lowest++;
    taken.add(lowest);
    return lowest;
  });
}

export function sitePorts(
  slot: number,
  chosen: { [part in keyof SitePorts]?: number | undefined } = {},
): SitePorts {
  return {
    kafka: chosen.kafka ?? centre.kafka + 100 * slot,
    wan: chosen.wan ?? centre.wan + 100 * slot,
    registry: chosen.registry ?? centre.registry + 100 * slot,
    cassandra: chosen.cassandra ?? centre.cassandra + 100 * slot,
  };
}

/** Reports every port that two parts of the topology want; `chosen` tells which ones the file names itself. */
export function checkPorts(
  sites: readonly Pick<SiteSpec, 'name' | 'ports' | 'brokers' | 'docker' | 'store' | 'cluster'>[],
  chosen: (site: string, part: keyof SitePorts) => boolean,
  report: Report,
): void {
  const owners = new Map<number, { site: string; part: keyof SitePorts }>();
  for (const site of sites) {
    const { name } = site;
    for (const { part, port } of usedPorts(site)) {
      const owner = owners.get(port);
      if (!owner) {
        owners.set(port, { site: name, part });
        continue;
      }
      // The place to point at is the one that the author wrote.
      const [blamed, other] = chosen(name, part)
        ? [{ site: name, part }, owner]
        : [owner, { site: name, part }];
      report(
        ['sites', blamed.site, 'ports', blamed.part],
        `port ${port} is also the ${other.part} port of ${other.site}`,
      );
    }
  }
}
