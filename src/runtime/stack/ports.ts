import { createServer } from 'node:net';
import { DdsError } from '../../errors/index.ts';
import {
  brokerOffsets,
  type SitePorts,
  type SiteSpec,
  startsCassandra,
  type Topology,
  usedPorts,
} from '../topology/index.ts';
import { portOwner } from './port-owner.ts';

const host = '127.0.0.1';
const uses: Readonly<Record<keyof SitePorts, string>> = {
  kafka: 'Kafka',
  wan: "Kafka's WAN listener",
  registry: 'the Schema Registry',
  cassandra: 'Cassandra',
};

/**
 * Below the range that systems hand out for outgoing connections (32768 on Linux, 49152 elsewhere): otherwise a
 * client that reconnects to a site that is down could be given the very port it asks for, and talk to itself.
 */
const firstAuto = 20_000;
const lastAuto = 31_999;

/** Throws DDS_PORT_TAKEN for the first port of the topology that something else listens on; `held` are the stack's own. */
export async function checkPorts(topology: Topology, held: ReadonlySet<number> = new Set()): Promise<void> {
  const wanted = topology.sites.flatMap((site) =>
    usedPorts(site).map(({ part, port }) => ({ site: site.name, use: part, port })),
  );
  const free = await Promise.all(wanted.map(({ port }) => held.has(port) || isFree(port)));
  const taken = wanted.find((_, index) => !free[index]);
  if (!taken) return;
  const owner = portOwner(taken.port);
  throw new DdsError(
    'DDS_PORT_TAKEN',
    `port ${taken.port}, for ${uses[taken.use]} of ${taken.site}, is taken${owner ? ` by ${owner.text}` : ''}`,
    {
      ...(owner?.stack && {
        hint: `Run dds down --stack ${owner.stack.name} in ${owner.stack.cwd}, or pass --ports auto.`,
      }),
      details: { port: taken.port, site: taken.site, owner: owner?.pid ?? null },
    },
  );
}

/** Whether dds starts a cluster for the site, which then needs ports of this machine. */
export const listens = ({ cluster }: SiteSpec): boolean => cluster === null;

/** The same topology on free ports, none of the reserved; held are the stack's own; a site keeps the ports it had before when they are still free. */
export async function withFreePorts(
  topology: Topology,
  previous: Readonly<Record<string, SitePorts>>,
  reserved: Iterable<number> = [],
  held: ReadonlySet<number> = new Set(),
): Promise<Topology> {
  const used = new Set<number>(reserved);
  /** The first of ports that lie so far apart. */
  const take = async (before: number | undefined, offsets = [0]): Promise<number> => {
    for (let candidate = before ?? random(), left = 1000; left > 0; candidate = random(), left--) {
      const ports = offsets.map((offset) => candidate + offset);
      if (ports.some((port) => used.has(port))) continue;
      for (const port of ports) used.add(port);
      if ((await Promise.all(ports.map((port) => held.has(port) || isFree(port)))).every(Boolean))
        return candidate;
    }
    throw new DdsError('DDS_PORT_TAKEN', `no free port found between ${firstAuto} and ${lastAuto}`, {
      hint: 'Stop programs that listen there, or give ports in dds.yaml.',
    });
  };
  const sites: SiteSpec[] = [];
  for (const site of topology.sites) {
    if (!listens(site)) {
      sites.push(site);
      continue;
    }
    const before = previous[site.name];
    const offsets = brokerOffsets(site);
    const kafka = await take(before?.kafka, offsets);
    const wan = await take(before?.wan, offsets);
    const registry = await take(before?.registry);
    const cassandra = startsCassandra(site) ? await take(before?.cassandra) : site.ports.cassandra;
    sites.push({ ...site, ports: { kafka, wan, registry, cassandra } });
  }
  return { ...topology, sites };
}

const random = () => firstAuto + Math.floor(Math.random() * (lastAuto - firstAuto + 1));

/** Whether this process could listen there now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
