import { isDeepStrictEqual } from 'node:util';
import { DdsError } from '../../errors/index.ts';
import type { SiteSpec, TopicSpec, Topology } from '../topology/index.ts';
import type { ServiceSpec } from './plan.ts';

/** One step from the topology that runs to the one that is asked for. */
export interface StackChange {
  action: 'remove' | 'restart' | 'add' | 'create' | 'alter' | 'register' | 'keep';
  /** A service (`edge-1/sink`), or `topic x of edge-1`. */
  what: string;
  /** What is different: `--topics a → a,b`. */
  why?: string;
}

/** The steps, in the order in which they are done. Throws DDS_TOPOLOGY_INVALID for what a running stack cannot become. */
export function planChanges(
  running: { topology: Topology; services: readonly ServiceSpec[] },
  asked: { topology: Topology; services: readonly ServiceSpec[] },
): StackChange[] {
  const before = new Map(running.services.map((spec) => [spec.service, spec]));
  const after = new Map(asked.services.map((spec) => [spec.service, spec]));
  return [
    ...asked.topology.sites.flatMap((site) => {
      const now = running.topology.sites.find(({ name }) => name === site.name);
      return now ? topicChanges(now, site) : [];
    }),
    ...clusterChanges(running.topology, asked.topology),
    ...[...before.keys()]
      .filter((service) => !after.has(service))
      .map((what) => ({ action: 'remove' as const, what })),
    ...[...after.values()].flatMap((spec): StackChange[] => {
      const now = before.get(spec.service);
      if (!now) return [{ action: 'add', what: spec.service }];
      if (sameService(now, spec)) return [];
      return [{ action: 'restart', what: spec.service, why: programDifference(now, spec) }];
    }),
  ];
}

/** Sites whose cluster exists already have no service of their own. */
function clusterChanges(running: Topology, asked: Topology): StackChange[] {
  const before = new Map(running.sites.map(({ name, cluster }) => [name, cluster]));
  const after = new Map(asked.sites.map(({ name, cluster }) => [name, cluster]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name): StackChange[] => {
    const [now, then] = [before.get(name) ?? null, after.get(name) ?? null];
    if (isDeepStrictEqual(plain(now), plain(then))) return [];
    const what = `cluster of ${name}`;
    if (!then) return [{ action: 'remove', what, why: 'it stays as it is' }];
    if (!now) return [{ action: 'add', what, why: then.brokers.join(', ') }];
    const [from, to] = [now.brokers.join(', '), then.brokers.join(', ')];
    return [{ action: 'restart', what, why: from === to ? 'how to get in changed' : `${from} → ${to}` }];
  });
}

/** Whether a process that was started from the one would be the same from the other. */
export const sameService = (one: ServiceSpec, other: ServiceSpec): boolean =>
  isDeepStrictEqual(plain(one), plain(other));

/** As it looks after a way through JSON, which the running stack's has made. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function topicChanges(now: SiteSpec, then: SiteSpec): StackChange[] {
  const asked = new Map(then.topics.map((topic) => [topic.name, topic]));
  const had = new Map(now.topics.map((topic) => [topic.name, topic]));
  return [
    ...[...asked.values()].flatMap((topic): StackChange[] => {
      const what = `topic ${topic.name} of ${then.name}`;
      const old = had.get(topic.name);
      if (!old) return [{ action: 'create', what, why: `${topic.partitions} partitions` }];
      return alterations(old, topic, what);
    }),
    ...[...had.keys()]
      .filter((name) => !asked.has(name))
      .map((name) => ({
        action: 'keep' as const,
        what: `topic ${name} of ${now.name}`,
        why: 'no longer in the topology; dds topics delete removes it',
      })),
  ];
}

function alterations(old: TopicSpec, topic: TopicSpec, what: string): StackChange[] {
  if (topic.partitions < old.partitions) {
    throw new DdsError(
      'DDS_TOPOLOGY_INVALID',
      `${what} has ${old.partitions} partitions and cannot have ${topic.partitions}: Kafka takes none away`,
      {
        hint: `Put partitions: ${old.partitions} back, or delete the topic with dds topics delete ${topic.name}, dds down and dds up. Nothing was changed.`,
      },
    );
  }
  const changes: StackChange[] = [];
  if (topic.partitions > old.partitions)
    changes.push({ action: 'alter', what, why: `partitions ${old.partitions} → ${topic.partitions}` });
  for (const [key, value] of Object.entries(alteredConfigs(old, topic))) {
    changes.push({
      ...{ action: 'alter', what },
      why: `${key} ${old.configs[key] ?? 'default'} → ${value ?? 'default'}`,
    });
  }
  if (topic.schema && topic.schema.text !== old.schema?.text)
    changes.push({ action: 'register', what: `schema ${topic.schema.subject}`, why: `for ${what}` });
  return changes;
}

/** What to set, and with null what to take back to the broker's default. */
export function alteredConfigs(
  old: Pick<TopicSpec, 'configs'>,
  topic: Pick<TopicSpec, 'configs'>,
): Record<string, string | null> {
  const keys = new Set([...Object.keys(old.configs), ...Object.keys(topic.configs)]);
  return Object.fromEntries(
    [...keys]
      .filter((key) => old.configs[key] !== topic.configs[key])
      .map((key) => [key, topic.configs[key] ?? null]),
  );
}

/** Which flags changed, with their values where these are short. */
function programDifference(now: ServiceSpec, then: ServiceSpec): string {
  if (then.kind === 'job') {
    const parts = [
      ...(isDeepStrictEqual(now.program.args, then.program.args) ? [] : ['command']),
      ...(isDeepStrictEqual(now.program.env, then.program.env) ? [] : ['environment']),
      ...(now.program.cwd === then.program.cwd ? [] : ['directory']),
    ];
    return `${parts.join(' and ')} changed`;
  }
  if (then.kind === 'site') return `${portsOf(now)} → ${portsOf(then)}`;
  const had = flagsOf(now.program.args);
  const has = flagsOf(then.program.args);
  const changed = [...new Set([...had.keys(), ...has.keys()])].filter(
    (flag) => !isDeepStrictEqual(had.get(flag), has.get(flag)),
  );
  if (changed.length === 0) return 'how it is started changed';
  return changed.map((flag) => `${flag} ${short(had.get(flag))} → ${short(has.get(flag))}`).join('; ');
}

const portsOf = ({ readyMessage }: ServiceSpec) => readyMessage.replace(/^ready \(|\)$/g, '');

function flagsOf(args: readonly string[]): Map<string, string[]> {
  const flags = new Map<string, string[]>();
  args.forEach((arg, at) => {
    if (!arg.startsWith('--')) return;
    const value = args[at + 1];
    const values = flags.get(arg) ?? [];
    flags.set(arg, value === undefined || value.startsWith('--') ? values : [...values, value]);
  });
  return flags;
}

function short(values: readonly string[] | undefined): string {
  const text = values?.join(' ') || 'none';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
