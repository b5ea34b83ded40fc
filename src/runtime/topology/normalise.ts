import { dirname, resolve } from 'node:path';
import type { DdsError } from '../../errors/index.ts';
import { nearNames } from '../../shared/near-names.ts';
import { checkNamePolicy } from '../../shared/topic-names.ts';
import { isTopicPattern, topicMatcher } from '../../shared/topic-pattern.ts';
import { normaliseCluster } from './cluster.ts';
import { normaliseDocker } from './docker.ts';
import type { EngineKind } from './engines.ts';
import type { TopologyFile } from './file-schema.ts';
import { normaliseFleet } from './fleets.ts';
import type { ImageOverrides } from './images.ts';
import { checkPorts, portSlots, sitePorts } from './ports.ts';
import type { Report, YamlPath } from './problems.ts';
import { splitCommand } from './split-command.ts';
import { normaliseStore } from './stores.ts';
import { normaliseDetector, normaliseNotifier } from './thresholds.ts';
import type { JobSpec, RelaySpec, SinkSpec, SiteSpec, TopicSpec, Topology } from './types.ts';
import { readValueSchema } from './value-schemas.ts';

export interface NormaliseOptions {
  /** Absolute path of the file; null for the example. */
  file: string | null;
  /** Directory of the jobs of a topology without a file. */
  cwd: string;
  /** Of --engine or DDS_ENGINE: of every site that has none of its own. */
  engine?: EngineKind | undefined;
  /** Of the environment. */
  images?: ImageOverrides | undefined;
  report: Report;
}

/** Fills in every default and resolves every name. What does not fit together is reported; the caller then throws. */
export function normalise(input: TopologyFile, options: NormaliseOptions): Topology {
  const { file, cwd, engine, images = {}, report } = options;
  const directory = file ? dirname(file) : cwd;
  const sites = normaliseSites(input, { directory, engine, images, report });
  const scope: Scope = { sites, names: sites.map(({ name }) => name), report };
  const relays = Object.entries(input.relays ?? {}).flatMap(([name, relay]) =>
    normaliseRelay(name, relay, scope),
  );
  const sinks = Object.entries(input.sinks ?? {}).flatMap(([name, sink]) => normaliseSink(name, sink, scope));
  const edges = sites.filter(({ role }) => role === 'edge').map((site) => site.name);
  const centres = sites.filter(({ role }) => role === 'central').map((site) => site.name);
  const chosen = (
    selection: Parameters<typeof selectSites>[0] | undefined,
    fallback: string[],
    path: YamlPath,
  ) => (selection === undefined ? fallback : selectSites(selection, scope.names, path, report));
  const detectors = Object.entries(input.detectors ?? {}).flatMap(([name, detector]) => {
    const at = chosen(detector?.sites, edges, ['detectors', name, 'sites']);
    return normaliseDetector(name, detector, { sites, chosen: at, directory, report });
  });
  const notifiers = Object.entries(input.notifiers ?? {}).flatMap(([name, notifier]) => {
    const at = chosen(notifier?.sites, centres, ['notifiers', name, 'sites']);
    return normaliseNotifier(name, notifier, { sites, chosen: at, directory, report });
  });
  const jobs = Object.entries(input.jobs ?? {}).flatMap(([name, job]) =>
    normaliseJob(name, job, directory, scope),
  );
  const fleets = Object.entries(input.fleets ?? {}).flatMap(([name, fleet]) => {
    const at = chosen(fleet?.sites, edges, ['fleets', name, 'sites']);
    return normaliseFleet(name, fleet, { sites, chosen: at, directory, report });
  });
  checkServiceNames({ relays, sinks, detectors, notifiers, jobs, fleets }, report);
  return {
    name: input.name ?? 'default',
    engine: engine ?? input.engine ?? 'embedded',
    file,
    sites,
    relays,
    sinks,
    detectors,
    notifiers,
    jobs,
    fleets,
  };
}

interface Scope {
  sites: SiteSpec[];
  names: string[];
  report: Report;
}

type Section<K extends 'relays' | 'sinks' | 'jobs'> = NonNullable<TopologyFile[K]>[string];

interface SitesScope {
  directory: string;
  engine: EngineKind | undefined;
  images: ImageOverrides;
  report: Report;
}

function normaliseSites(
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
    return { name, role, engine, ports, cluster, docker, store, topics: [...topics.values()] };
  });
  checkPorts(sites, (site, part) => input.sites[site]?.ports?.[part] !== undefined, report);
  return sites;
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

function normaliseRelay(
  name: string,
  relay: Section<'relays'>,
  { sites, names, report }: Scope,
): RelaySpec[] {
  const path = ['relays', name];
  const centres = sites.filter(({ role }) => role === 'central');
  if (relay?.site === undefined && centres.length !== 1) {
    report(path, `${name} needs "site": there are ${centres.length} central sites to choose from`, 'key');
    return [];
  }
  const site = relay?.site ?? centres[0]!.name;
  if (!knownSite(site, names, [...path, 'site'], report)) return [];
  const others = names.filter((other) => other !== site);
  const sources =
    relay?.sources === undefined ? others : selectSites(relay.sources, names, [...path, 'sources'], report);
  if (relay?.sources !== undefined && sources.includes(site) && relay.sources !== 'all') {
    report([...path, 'sources'], `${site} is where ${name} writes to; expected other sites`);
  }
  const read = sources.filter((source) => source !== site);
  if (relay?.sources === undefined && read.length === 0) {
    report(path, `${name} has nothing to read: ${site} is the only site`, 'key');
  }
  const topics = relay?.topics ?? topicNames(sites.filter((source) => read.includes(source.name)));
  checkPatterns(relay, path, report);
  checkNames(relay?.names, [...path, 'names'], report);
  return [
    {
      ...{ name, site, sources: read, topics, exclude: relay?.exclude ?? [] },
      delivery: relay?.delivery ?? 'exactly-once',
      names: relay?.names ?? 'same',
      schemas: relay?.schemas ?? 'strict',
      onError: relay?.['on-error'] ?? 'hold',
    },
  ];
}

function normaliseSink(name: string, sink: Section<'sinks'>, { sites, names, report }: Scope): SinkSpec[] {
  const path = ['sinks', name];
  const stored = sites.filter(({ store }) => store).map((site) => site.name);
  const chosen =
    sink?.sites === undefined ? stored : selectSites(sink.sites, names, [...path, 'sites'], report);
  checkPatterns(sink, path, report);
  return chosen.flatMap((siteName) => {
    const site = sites.find((candidate) => candidate.name === siteName)!;
    if (!site.store) {
      report([...path, 'sites'], `${site.name} has no store for ${name}; give it "store: duckdb"`);
      return [];
    }
    return [
      {
        name,
        site: site.name,
        store: site.store,
        topics: sink?.topics ?? topicNames([site]),
        exclude: sink?.exclude ?? [],
      },
    ];
  });
}

function normaliseJob(
  name: string,
  job: Section<'jobs'>,
  directory: string,
  { names, report }: Scope,
): JobSpec[] {
  const path = ['jobs', name];
  const command = typeof job.command === 'string' ? splitCommand(job.command) : job.command;
  if (!command) report([...path, 'command'], 'command: a quote is not closed');
  else if (!command[0])
    report([...path, 'command'], 'command: found no word, expected a program and its arguments');
  const shared = {
    name,
    command: command ?? [],
    env: strings(job.env ?? {}),
    cwd: resolve(directory, job.cwd ?? '.'),
  };
  return selectSites(job.sites, names, [...path, 'sites'], report).map((site) => ({ ...shared, site }));
}

/** Sites in the topology's order. Names that do not exist are reported, patterns that match nothing too. */
function selectSites(
  selection: string | readonly string[],
  names: readonly string[],
  path: YamlPath,
  report: Report,
): string[] {
  const parts = typeof selection === 'string' ? [selection] : selection;
  const chosen = new Set<string>();
  for (const [i, part] of parts.entries()) {
    const matches =
      part === 'all' ? names : isTopicPattern(part) ? names.filter(topicMatcher([part])) : [part];
    const at = typeof selection === 'string' ? path : [...path, i];
    if (matches.length === 0) report(at, `no site matches ${part}; there are ${names.join(', ')}`);
    for (const match of matches) if (knownSite(match, names, at, report)) chosen.add(match);
  }
  return names.filter((name) => chosen.has(name));
}

function knownSite(site: string, names: readonly string[], path: YamlPath, report: Report): boolean {
  if (names.includes(site)) return true;
  const [guess] = nearNames(site, names, 1);
  report(
    path,
    `there is no site "${site}"; ${guess ? `did you mean "${guess}"? ` : ''}there are ${names.join(', ')}`,
  );
  return false;
}

function checkNames(policy: string | undefined, path: YamlPath, report: Report): void {
  try {
    checkNamePolicy(policy ?? 'same');
  } catch (error) {
    const { message, hint } = error as DdsError;
    report(path, `${message}. ${hint}`);
  }
}

function checkPatterns(job: Section<'relays'> | Section<'sinks'>, path: YamlPath, report: Report): void {
  for (const key of ['topics', 'exclude'] as const) {
    for (const [i, pattern] of (job?.[key] ?? []).entries()) {
      try {
        topicMatcher([pattern]);
      } catch (error) {
        report([...path, key, i], (error as Error).message);
      }
    }
  }
}

/** What runs at a site shares one set of names: the service is `<site>/<name>`, and `site` is the site itself. */
function checkServiceNames(
  sections: Readonly<Record<string, readonly { name: string; site: string }[]>>,
  report: Report,
): void {
  const owners = new Map<string, string>();
  const reported = new Set<string>();
  for (const [section, services] of Object.entries(sections)) {
    for (const { name, site } of services) {
      const service = `${site}/${name}`;
      const owner = name === 'site' ? 'the site itself' : owners.get(service);
      owners.set(service, `one of ${section}`);
      if (!owner || reported.has(`${section}/${name}`)) continue;
      reported.add(`${section}/${name}`);
      report(
        [section, name],
        `"${name}" is already the name of ${owner} at ${site}; expected another name`,
        'key',
      );
    }
  }
}

function topicNames(sites: readonly SiteSpec[]): string[] {
  return [...new Set(sites.flatMap((site) => site.topics.map(({ name }) => name)))];
}

function strings(map: Readonly<Record<string, string | number | boolean>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, String(value)]));
}
