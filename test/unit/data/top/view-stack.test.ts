import { expect, test } from 'vitest';
import { CounterRates } from '../../../../src/runtime/data/top/counter-rates.ts';
import { viewStack } from '../../../../src/runtime/data/top/view-stack.ts';
import type { ServiceKind, ServiceStatus, SiteEndpoints } from '../../../../src/runtime/stack/types.ts';

const endpoints = (site: string): SiteEndpoints => ({
  ...{ site, role: site === 'central' ? 'central' : 'edge' },
  engine: 'embedded',
  ...{ brokers: [], wanBrokers: [], registryUrl: '', store: null },
});
const service = (site: string, kind: ServiceKind, info: unknown, more: Partial<ServiceStatus> = {}) => ({
  ...{ service: `${site}/${kind}`, site, kind, state: 'ready' as const, pid: 7, restarts: 0, uptimeMs: 1 },
  ...{ rssBytes: 100, cpuMs: 0, http: null, info, lastError: null },
  ...more,
});
const broker = (recordsIn: number, bytesIn: number, more: object = {}) => ({
  broker: { recordsIn, bytesIn, recordsOut: 0, bytesOut: 0, bytes: 4096, trouble: null, ...more },
});

/** Looks one after the other, a second apart. */
function looks() {
  const rates = new CounterRates();
  let links: ReturnType<typeof viewStack>['links'] = [];
  let atMs = 0;
  return (...services: ServiceStatus[]) => {
    const sites = ['edge-1', 'central'].map(endpoints);
    atMs += 1000;
    const view = viewStack({ sites, services }, rates, atMs, new Map([['edge-1', 50]]), links);
    links = view.links;
    return view;
  };
}

test('rates are known from the second look on, and anew after the process is another one', () => {
  const look = looks();
  expect(look(service('edge-1', 'site', broker(100, 1000))).sites).toMatchObject([
    { site: 'edge-1', recordsInPerSecond: null, logBytes: 4096, storeBytes: 50, cpuPercent: null },
  ]);
  const second = look(service('edge-1', 'site', broker(350, 3000), { cpuMs: 125 }));
  expect(second.sites).toMatchObject([
    { recordsInPerSecond: 250, bytesInPerSecond: 2000, recordsOutPerSecond: 0, cpuPercent: 12.5 },
  ]);
  expect(second.totals).toMatchObject({ recordsInPerSecond: 250, rssBytes: 100, cpuPercent: 12.5 });
  // Even though it has received more than the one before it had.
  const third = look(service('edge-1', 'site', broker(9000, 1000), { pid: 8, restarts: 1 }));
  expect(third.sites).toMatchObject([{ recordsInPerSecond: null, restarts: 1 }]);
});

test('a link is what the relay sees of a source, and stays when the relay says nothing', () => {
  const look = looks();
  const relay = (relayedRecords: number, state: string) =>
    service('central', 'relay', {
      sources: [
        {
          ...{ source: 'edge-1', state, error: state === 'connected' ? null : 'it hangs' },
          ...{ relayedRecords, relayedBytes: relayedRecords * 10, lagRecords: 4, lagSeconds: 1.5, held: [] },
        },
      ],
    });
  look(relay(0, 'connected'));
  const told = look(relay(30, 'connected'));
  expect(told.links).toEqual([
    {
      ...{ source: 'edge-1', target: 'central', service: 'central/relay', state: 'connected', trouble: null },
      ...{ recordsPerSecond: 30, bytesPerSecond: 300, lagRecords: 4, lagSeconds: 1.5 },
    },
  ]);
  expect(told.jobs).toMatchObject([{ recordsPerSecond: 30, lagRecords: 4, lagSeconds: 1.5, state: 'ready' }]);
  const stalled = look(relay(30, 'stalled'));
  expect(stalled.links).toMatchObject([{ state: 'stalled', trouble: 'it hangs', lagRecords: 4 }]);
  expect(stalled.jobs).toMatchObject([{ state: 'degraded', trouble: 'edge-1 is stalled' }]);
  const silent = look(service('central', 'relay', null));
  expect(silent.links).toMatchObject([{ source: 'edge-1', state: 'silent', recordsPerSecond: null }]);
  const crashed = { state: 'backoff' as const, pid: null, lastError: 'was killed by SIGKILL' };
  expect(look(service('central', 'relay', null, crashed))).toMatchObject({
    links: [{ source: 'edge-1', state: 'backoff' }],
    jobs: [{ state: 'backoff', trouble: 'was killed by SIGKILL', lagRecords: null }],
  });
});

test('each kind of job tells what it has done', () => {
  const look = looks();
  const jobs = (done: number) => [
    service('edge-1', 'sink', { rows: done, lagRecords: 3, lagSeconds: 0.5 }),
    service('edge-1', 'detector', { processed: done, lagRecords: 2 }),
    service('edge-1', 'fleet', { sent: done, behind: 1 }),
    service('edge-1', 'job', null),
  ];
  look(...jobs(5));
  expect(look(...jobs(25)).jobs.map((job) => [job.kind, job.recordsPerSecond, job.lagRecords])).toEqual([
    ['sink', 20, 3],
    ['detector', 20, 2],
    ['fleet', 20, 1],
    ['job', null, null],
  ]);
});
