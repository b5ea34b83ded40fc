import { dirname } from 'node:path';
import type { EngineKind } from './engines.ts';
import type { TopologyFile } from './file-schema.ts';
import { normaliseFleet } from './fleets.ts';
import type { ImageOverrides } from './images.ts';
import type { Report, YamlPath } from './problems.ts';
import { normaliseJob, normaliseRelay, normaliseSink, type Scope } from './services.ts';
import { selectSites } from './site-selection.ts';
import { normaliseSites } from './sites.ts';
import { normaliseDetector, normaliseNotifier } from './thresholds.ts';
import type { Topology } from './types.ts';

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
