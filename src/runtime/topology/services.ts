import { resolve } from 'node:path';
import type { DdsError } from '../../errors/index.ts';
import { checkNamePolicy } from '../../shared/topic-names.ts';
import { topicMatcher } from '../../shared/topic-pattern.ts';
import type { TopologyFile } from './file-schema.ts';
import type { Report, YamlPath } from './problems.ts';
import { knownSite, selectSites } from './site-selection.ts';
import { strings } from './sites.ts';
import { splitCommand } from './split-command.ts';
import type { JobSpec, RelaySpec, SinkSpec, SiteSpec } from './types.ts';

/** What services are resolved against. */
export interface Scope {
  sites: SiteSpec[];
  names: string[];
  report: Report;
}

type Section<K extends 'relays' | 'sinks' | 'jobs'> = NonNullable<TopologyFile[K]>[string];

export function normaliseRelay(
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

export function normaliseSink(
  name: string,
  sink: Section<'sinks'>,
  { sites, names, report }: Scope,
): SinkSpec[] {
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

export function normaliseJob(
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

function topicNames(sites: readonly SiteSpec[]): string[] {
  return [...new Set(sites.flatMap((site) => site.topics.map(({ name }) => name)))];
}
