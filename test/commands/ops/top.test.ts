import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TopSnapshot } from '../../../src/runtime/data/top/types.ts';
import { type Workspace, workspace } from '../../support/cli.ts';
import { startConsumer } from '../../support/consumer.ts';
import { status, until } from '../../support/stack.ts';

let lab: Workspace;
beforeAll(async () => {
  lab = workspace();
  expect(await lab.dds(['up', '--sites', '1', '--ports', 'auto'])).toMatchObject({ code: 0 });
});
afterAll(() => lab[Symbol.asyncDispose]());

const snapshots = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TopSnapshot);

test('prints so many lines, with rates from the first one on', async () => {
  const { code, stdout, stderr } = await lab.dds(['top', '-n', '2', '--interval', '100ms']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(
    /^(\d\d:\d\d:\d\d {2}ready {2}in \d+\/s {2}out \d+\/s {2}relay lag \d+ {2}sink lag \d+ {2}[\d.]+ [MG]iB\n){2}$/,
  );
});

test('--json has sites, links, jobs, groups and events, whose figures are those of the stack', async () => {
  await lab.dds(['simulate', '--count', '300', '--rate', 'max', '--site', 'edge-1']);
  const { sites } = await status(lab);
  const { brokers } = sites.find(({ site }) => site === 'edge-1')!;
  await using reader = await startConsumer(brokers, { group: 'my-app', topic: 'temperature-data' });
  await reader.read(300);
  const look = async () => snapshots((await lab.dds(['top', '-n', '1', '--json'])).stdout)[0]!;
  const seen = await until(look, ({ groups, jobs }) =>
    [...groups, ...jobs].every(
      ({ lagRecords, lag }: { lagRecords?: number | null; lag?: number }) => !lagRecords && !lag,
    ),
  );
  expect(seen).toMatchObject({ stack: 'default', state: 'ready', problem: null, groupProblems: [] });
  expect(seen.sites).toMatchObject([{ site: 'edge-1', state: 'ready' }, { site: 'central' }]);
  // The registry keeps its schemas in a topic, too.
  expect(seen.sites[0]!.recordsIn).toBeGreaterThanOrEqual(300);
  expect(seen.sites[0]!.logBytes).toBeGreaterThan(0);
  expect(seen.sites[0]!.storeBytes).toBeGreaterThan(0);
  expect(seen.links).toMatchObject([
    { source: 'edge-1', target: 'central', state: 'connected', lagRecords: 0 },
  ]);
  expect(seen.jobs.map(({ service }) => service).sort()).toEqual([
    'central/notifier',
    'central/relay',
    'central/sink',
    'edge-1/detector',
    'edge-1/sink',
  ]);
  expect(seen.groups).toMatchObject([
    { site: 'edge-1', group: 'dds.detector' },
    { site: 'edge-1', group: 'my-app', state: 'Stable', members: 1, topics: ['temperature-data'], lag: 0 },
    { site: 'central', group: 'dds.notifier' },
  ]);
  expect(seen.events.filter(({ kind }) => kind === 'ready')).toHaveLength(7);
});

test('a crash and what follows are events, of dds status, too', async () => {
  const { pid } = (await status(lab)).services.find(({ service }) => service === 'edge-1/sink')!;
  process.kill(pid!, 'SIGKILL');
  const { events } = await until(
    () => status(lab),
    ({ services }) =>
      services.some(
        ({ service, state, restarts }) => service === 'edge-1/sink' && state === 'ready' && restarts === 1,
      ),
  );
  const own = events.filter(({ service }) => service === 'edge-1/sink').slice(-3);
  expect(own.map(({ kind }) => kind)).toEqual(['crashed', 'starting', 'ready']);
  expect(own[0]!.message).toContain('was killed by SIGKILL');
});

test('a stack that goes down is told, and waited for; status --watch ends with 3', async () => {
  const watching = lab.start(['top', '--interval', '50ms', '--json']);
  const status = lab.start(['status', '--watch', '--interval', '50ms']);
  await Promise.all([watching.seen(/"state":"ready"/), status.seen(/ {2}ready {2}/)]);
  await lab.dds(['down']);
  await watching.seen(/"state":"down"/);
  expect(await status.result).toMatchObject({ code: 3, stderr: expect.stringContaining('DDS_NO_STACK') });
  await lab.dds(['up', '--sites', '1', '--ports', 'auto']);
  await watching.seen(/"state":"down"[\s\S]*"state":"ready"/);
  watching.kill('SIGINT');
  const { code, stdout, stderr } = await watching.result;
  expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
  const down = snapshots(stdout).findLast(({ state }) => state === 'down')!;
  expect(down).toMatchObject({ problem: 'the stack "default" is not running here', sites: [], jobs: [] });
  expect(down.events.length).toBeGreaterThan(0);
});

test('without a stack it says so, and what it cannot read', async () => {
  await using empty = workspace();
  const none = await empty.dds(['top']);
  expect(none).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('DDS_NO_STACK') });
  const wrong = await lab.dds(['top', '--interval', 'often']);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--interval often is not a time') });
  const zero = await lab.dds(['top', '-n', '0']);
  expect(zero).toMatchObject({ code: 2, stderr: expect.stringContaining('at least 1') });
});
