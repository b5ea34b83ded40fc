import { expect, test } from 'vitest';
import { EventHistory } from '../../../src/runtime/stack/event-history.ts';
import { isWell, TroubleWatch } from '../../../src/runtime/stack/service-trouble.ts';
import type { ServiceKind, ServiceState, ServiceStatus } from '../../../src/runtime/stack/types.ts';

const service = (kind: ServiceKind, info: unknown, state: ServiceState = 'ready'): ServiceStatus => ({
  ...{ service: `edge-1/${kind}`, site: 'edge-1', kind, state, pid: 1, restarts: 0, uptimeMs: 1 },
  ...{ rssBytes: 1, cpuMs: 1, http: null, info, lastError: null },
});

function watch() {
  const troubles = new TroubleWatch();
  return (...services: ServiceStatus[]) => {
    const told: string[] = [];
    troubles.look(services, (name, kind, message) => told.push(`${name} ${kind}: ${message}`));
    return told;
  };
}

test('one question without an answer is none yet; what is over is told once', () => {
  const look = watch();
  const well = service('site', { broker: { trouble: null } });
  const silent = service('site', null);
  expect(look(well)).toEqual([]);
  expect(look(silent)).toEqual([]);
  expect(look(silent)).toEqual(['edge-1/site degraded: does not answer']);
  expect(look(silent)).toEqual([]);
  expect(look(well)).toEqual(['edge-1/site recovered: answers again']);
  expect(look(silent)).toEqual([]);
});

test('tells of each node of a site by itself, and the site is well', () => {
  const look = watch();
  const site = (...states: string[]) =>
    service('site', { broker: { trouble: null, nodes: states.map((state, at) => ({ id: at + 1, state })) } });
  expect(look(site('serving', 'serving'))).toEqual([]);
  expect(look(site('stopped', 'serving'))).toEqual(['edge-1/site degraded: node 1 is stopped']);
  expect(isWell(site('stopped', 'serving'))).toBe(true);
  expect(look(site('serving', 'stopped'))).toEqual([
    'edge-1/site degraded: node 2 is stopped',
    'edge-1/site recovered: node 1 serves again',
  ]);
});

test('tells of each source of a relay by itself', () => {
  const look = watch();
  const relay = (...states: string[]) =>
    service('relay', { sources: states.map((state, at) => ({ source: `edge-${at + 1}`, state, held: [] })) });
  expect(look(relay('connected', 'connected'))).toEqual([]);
  expect(look(relay('stalled', 'connected'))).toEqual(['edge-1/relay degraded: edge-1 is stalled']);
  expect(look(relay('stalled', 'unreachable'))).toEqual(['edge-1/relay degraded: edge-2 is unreachable']);
  // While the relay itself is silent, nothing is known of them.
  expect(look(service('relay', null))).toEqual([]);
  expect(look(relay('connected', 'unreachable'))).toEqual([
    'edge-1/relay recovered: edge-1 is connected again',
  ]);
});

test('a text that changes is the same trouble; a crash is an event of its own', () => {
  const look = watch();
  expect(look(service('fleet', { trouble: 'nothing for 10 s' }))).toHaveLength(1);
  expect(look(service('fleet', { trouble: 'nothing for 11 s' }))).toEqual([]);
  expect(look(service('fleet', null, 'backoff'))).toEqual([]);
  expect(look(service('fleet', { trouble: null }))).toEqual([]);
});

test('a command of the user has nothing to say', () => {
  const look = watch();
  for (let times = 0; times < 3; times++) expect(look(service('job', null))).toEqual([]);
});

test('the history keeps the last events, and their numbers go on', () => {
  const history = new EventHistory();
  for (let at = 0; at < 250; at++) history.add(new Date(at), 'edge-1/sink', 'ready', `${at}`);
  expect(history.events).toHaveLength(100);
  expect(history.events.at(0)).toMatchObject({ id: 151, message: '150' });
  expect(history.events.at(-1)).toEqual({
    ...{ id: 250, time: '1970-01-01T00:00:00.249Z', service: 'edge-1/sink', kind: 'ready', message: '249' },
  });
});
