import { normaliseCluster } from './cluster.ts';
import { normaliseDocker } from './docker.ts';
import type { EngineKind } from './engines.ts';
import type { TopologyFile } from './file-schema.ts';
import type { ImageOverrides } from './images.ts';
import { checkPorts, portSlots, sitePorts } from './ports.ts';
import type { Report, YamlPath } from './problems.ts';
import { selectSites } from './site-selection.ts';
import { normaliseStore } from './stores.ts';
import type { SiteSpec, TopicSpec } from './types.ts';
import { readValueSchema } from './value-schemas.ts';

export interface SitesScope {
  directory: string;
  engine: EngineKind | undefined;
  images: ImageOverrides;
  report: Report;
}

export function normaliseSites(
  input: TopologyFile,
  { directory, engine: asked, images, report }: SitesScope,
): SiteSpec[] {
  const entries = Object.entries(input.sites);
  if (entries.length === 0) report(['sites'], 'there is no site; expected at least one');
  const names = entries.map(([name]) => name);
  if (names.includes('all')) report(['sites', 'all'], '"all" means every site and cannot name one', 'key');
  const roles = entries.map(
    ([name, site]) => ({ name, role: site?.role ?? (name === 'central' ? 'central' : 'edge') }) as const,
  );
  const slots = portSlots(roles);
  const wanted = new Map<string, Set<string>>();
  for (const [topic, spec] of Object.entries(input.topics ?? {})) {
    wanted.set(topic, new Set(selectSites(spec?.sites ?? 'all', names, ['topics', topic, 'sites'], report)));
  }
  const read = schemaReader(directory, report);
  const sites = entries.map(([name, site], i): SiteSpec => {
    const shared = Object.entries(input.topics ?? {}).filter(([topic]) => wanted.get(topic)!.has(name));
    const topics = new Map<string, TopicSpec>();
    for (const [topic, spec] of [...shared, ...Object.entries(site?.topics ?? {})]) {
      const own = site?.topics?.[topic];
      const base = input.topics?.[topic];
      const reference = own?.schema ?? base?.schema;
      const path = own?.schema ? ['sites', name, 'topics', topic, 'schema'] : ['topics', topic, 'schema'];
      const text = reference === undefined ? undefined : read(reference, path);
      topics.set(topic, {
        name: topic,
        partitions: own?.partitions ?? spec?.partitions ?? base?.partitions ?? 1,
        configs: strings({ ...base?.configs, ...own?.configs }),
        schema: text === undefined ? null : { subject: `${topic}-value`, text },
      });
    }
    const { role } = roles[i]!;
    const engine = site?.engine ?? asked ?? input.engine ?? 'embedded';
    const isChosen = (site?.engine ?? asked ?? input.engine) !== undefined;
    const cluster = normaliseCluster(name, site, { engine, isChosen, directory, report });
    const store = normaliseStore(site?.store, { site: name, engine, directory, report });
    const ports = sitePorts(slots[i]!, site?.ports);
    const docker = engine === 'docker' ? normaliseDocker(input.docker, site?.docker, images) : null;
    const brokers = brokersOf(input, site, engine);
    return { name, role, engine, brokers, ports, cluster, docker, store, topics: [...topics.values()] };
  });
  checkPorts(sites, (site, part) => input.sites[site]?.ports?.[part] !== undefined, report);
  return sites;
}

/** Kafka brokers of a site that dds starts: what the site says of its engine goes first. */
function brokersOf(input: TopologyFile, site: TopologyFile['sites'][string], engine: EngineKind): 1 | 3 {
  const own = site?.kafka?.brokers;
  const isCount = own === 1 || own === 3;
  if (engine === 'external') return 1;
  return (
    (engine === 'docker' ? site?.docker?.brokers : undefined) ??
    (isCount ? own : undefined) ??
    (engine === 'docker' ? input.docker?.brokers : undefined) ??
    input.kafka?.brokers ??
    1
  );
}

/** Reads each schema once and reports it once, however many sites have the topic. */
function schemaReader(
  directory: string,
  report: Report,
): (reference: string, path: YamlPath) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (reference, path) => {
    if (!known.has(reference)) {
      const schema = readValueSchema(reference, directory);
      if ('problem' in schema) report(path, schema.problem);
      known.set(reference, 'text' in schema ? schema.text : undefined);
    }
    return known.get(reference);
  };
}

export function strings(map: Readonly<Record<string, string | number | boolean>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, String(value)]));
}
