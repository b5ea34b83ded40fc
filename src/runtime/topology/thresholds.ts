import { resolve } from 'node:path';
import type { TopologyFile } from './file-schema.ts';
import type { Report } from './problems.ts';
import type { DetectorSpec, NotifierSpec, SiteSpec } from './types.ts';

const readings = 'temperature-data';
const eventTopic = 'temperature-threshold-events';
const tables = ['sensor-registration', 'device-registration', 'sensor-type-registration'];

interface Scope {
  sites: readonly SiteSpec[];
  /** Names of the sites it runs at. */
  chosen: readonly string[];
  directory: string;
  report: Report;
}

/** One spec for each site. Topics that a site does not have are reported. */
export function normaliseDetector(
  name: string,
  detector: NonNullable<TopologyFile['detectors']>[string],
  scope: Scope,
): DetectorSpec[] {
  const path = ['detectors', name];
  const { topic = readings, events = eventTopic, sensors = {}, types = {} } = detector ?? {};
  const needed = [topic, events, ...(Object.keys(types).length > 0 ? [tables[0]!] : [])];
  needTopics(path, needed, scope);
  const { threshold = 100, unit = 'C', hysteresis = 0.5, emit = 'transitions' } = detector ?? {};
  const settings = { threshold, unit, hysteresis, emit, sensors, types, topic, events };
  return scope.chosen.map((site) => ({
    name,
    site,
    ...settings,
    onError: detector?.['on-error'] ?? 'dead-letter',
    guarantee: detector?.guarantee ?? 'at-least-once',
  }));
}

export function normaliseNotifier(
  name: string,
  notifier: NonNullable<TopologyFile['notifiers']>[string],
  scope: Scope,
): NotifierSpec[] {
  const path = ['notifiers', name];
  const { events = eventTopic, channels = ['console'], webhook, telegram } = notifier ?? {};
  needTopics(path, [events, ...tables], scope);
  if (channels.includes('webhook') && webhook === undefined)
    scope.report([...path, 'channels'], 'the channel webhook needs "webhook", an address', 'key');
  if (channels.includes('telegram') && telegram === undefined)
    scope.report([...path, 'channels'], 'the channel telegram needs "telegram" with a chat', 'key');
  const tokenFile = telegram?.['token-file'];
  return scope.chosen.map((site) => ({
    ...{ name, site, events, channels, webhook: webhook ?? null },
    guarantee: notifier?.guarantee ?? 'at-least-once',
    telegram: telegram
      ? {
          chat: String(telegram.chat),
          tokenFile: tokenFile === undefined ? null : resolve(scope.directory, tokenFile),
          api: telegram.api ?? null,
        }
      : null,
  }));
}

function needTopics(path: string[], needed: readonly string[], { sites, chosen, report }: Scope): void {
  for (const topic of needed) {
    const without = sites.find(
      ({ name, topics }) => chosen.includes(name) && !topics.some((one) => one.name === topic),
    );
    if (without)
      report(
        path,
        `${path[1]} needs the topic "${topic}", which ${without.name} does not have; add it under topics`,
        'key',
      );
  }
}
