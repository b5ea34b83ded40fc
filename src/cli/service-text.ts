import type { ServiceStatus } from '../runtime/stack/types.ts';
import { bytesText } from '../shared/quantities.ts';

/** In a few words what a service says of itself, and what is wrong with it. */
export function serviceSays({ kind, state, info, lastError }: ServiceStatus): string {
  if (state === 'unreachable' || state === 'backoff' || state === 'failed') return lastError ?? '';
  if (info === null) return state === 'ready' && kind !== 'job' ? 'does not answer' : '';
  const said = {
    site: siteSays,
    sink: sinkSays,
    relay: relaySays,
    detector: detectorSays,
    notifier: notifierSays,
    job: () => [],
    fleet: fleetSays,
  }[kind](info);
  return said.filter((part) => part !== null).join(', ');
}

type Words = (string | null)[];

const siteSays = (info: unknown): Words => {
  if (at(info, 'external') === true)
    return ['external', at(info, 'brokers') === 1 ? '1 broker' : labelled(at(info, 'brokers'), 'brokers')];
  const topics = at(info, 'broker', 'topics');
  const count = Array.isArray(topics) ? topics.length : topics;
  const damages = at(info, 'broker', 'damageCount');
  return [
    nodesSay(at(info, 'broker', 'nodes')),
    labelled(count, 'topics'),
    sized(at(info, 'broker', 'bytes')),
    damages === 1 ? '1 damage cut out (see logs)' : labelled(damages, 'damages cut out (see logs)', true),
    text(at(info, 'broker', 'trouble')),
  ];
};

const nodesSay = (nodes: unknown): string | null => {
  if (!Array.isArray(nodes) || nodes.length === 1) return null;
  const serving = nodes.filter((node) => at(node, 'state') === 'serving').length;
  return serving === nodes.length ? `${nodes.length} nodes` : `${serving} of ${nodes.length} nodes`;
};

const sinkSays = (info: unknown): Words => [
  labelled(at(info, 'rows'), 'rows'),
  labelled(at(info, 'lagRecords'), 'behind'),
  labelled(at(info, 'deadLetters'), 'dead-lettered', true),
  text(at(info, 'trouble')),
];

const streamsSays = (info: unknown): Words => {
  const tasks = at(info, 'tasks');
  const restoring = at(info, 'restoring');
  const left = Array.isArray(restoring)
    ? restoring.reduce((sum, one) => sum + Number(at(one, 'left')), 0)
    : 0;
  const count = Array.isArray(tasks) ? tasks.length : 0;
  return [
    count === 1 ? '1 task' : `${count} tasks`,
    labelled(at(info, 'lagRecords'), 'behind'),
    Array.isArray(restoring) && restoring.length > 0 ? `reading state back, ${number(left)} left` : null,
    labelled(at(info, 'deadLetters'), 'dead-lettered', true),
    text(at(info, 'trouble')),
  ];
};

const detectorSays = (info: unknown): Words => [
  ...streamsSays(info),
  labelled(at(info, 'started'), 'started', true),
  labelled(at(info, 'ended'), 'ended', true),
];

const notifierSays = (info: unknown): Words => [...streamsSays(info), labelled(at(info, 'sent'), 'sent')];

const fleetSays = (info: unknown): Words => [
  labelled(at(info, 'rate'), 'a second'),
  labelled(at(info, 'sent'), 'sent'),
  labelled(at(info, 'failed'), 'failed', true),
  text(at(info, 'trouble')),
];

function relaySays(info: unknown): Words {
  const sources = at(info, 'sources');
  if (!Array.isArray(sources)) return [];
  return sources.map((source) => {
    const state = at(source, 'state');
    // As last heard from a source that does not answer.
    const lag = `${number(at(source, 'lagRecords') ?? 0)} behind`;
    const rest = state === 'connected' ? lag : `${state}, ${lag}`;
    const held = at(source, 'held');
    const stuck = Array.isArray(held) && held.length > 0 ? `, ${held.length} held` : '';
    return `${at(source, 'source')} ${rest}${stuck}`;
  });
}

function at(value: unknown, ...path: string[]): unknown {
  let found = value;
  for (const key of path) found = (found as Record<string, unknown> | null | undefined)?.[key];
  return found;
}

const grouped = new Intl.NumberFormat('en-US');
const number = (value: unknown) => (typeof value === 'number' ? grouped.format(value) : String(value));

const labelled = (value: unknown, label: string, hideZero = false): string | null =>
  typeof value === 'number' && !(hideZero && value === 0) ? `${number(value)} ${label}` : null;

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const sized = (value: unknown): string | null => (typeof value === 'number' ? bytesText(value) : null);
