import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ServiceActionResult } from '../../../src/runtime/stack/service-control.ts';
import type { UpPlan } from '../../../src/runtime/stack/up-plan.ts';
import { type Workspace, workspace } from '../../support/cli.ts';
import { expectRefusal } from '../../support/honesty.ts';
import { json, processesWith, query, status, until } from '../../support/stack.ts';

let lab: Workspace;
beforeAll(async () => {
  lab = workspace();
  expect(await lab.dds(['up', '--sites', '2', '--ports', 'auto'])).toMatchObject({ code: 0 });
});
afterAll(() => lab[Symbol.asyncDispose]());

const pids = async () =>
  new Map((await status(lab)).services.map(({ service, pid }) => [service, pid] as const));
const change = (line: string) => json<ServiceActionResult>(lab, line.split(' '));

test('restart gives one service a new process and leaves the others alone', async () => {
  const before = await pids();
  const { services } = await change('restart relay');
  const after = await pids();
  expect(services).toEqual([{ service: 'central/relay', state: 'ready', pid: after.get('central/relay') }]);
  expect(after.get('central/relay')).not.toBe(before.get('central/relay'));
  before.delete('central/relay');
  after.delete('central/relay');
  expect(after).toEqual(before);
});

test('a stopped site stands while the rest goes on, and brings its records when it starts', async () => {
  const before = await pids();
  const stopped = await change('stop edge-2');
  expect(stopped.services).toEqual(
    ['edge-2/site', 'edge-2/sink', 'edge-2/detector'].map((service) => ({
      service,
      state: 'stopped',
      pid: null,
    })),
  );
  expect(processesWith([before.get('edge-2/site')!, before.get('edge-2/sink')!])).toEqual([]);
  const load = ['simulate', '--count', '100', '--rate', 'max', '--no-register', '--json', '--site'];
  expect(JSON.parse((await lab.dds([...load, 'edge-1'])).stdout)).toMatchObject({ acked: 100, failed: 0 });
  const central = (site: string) =>
    query(lab, 'central', `select count(*)::int as n from temperature_data where site = '${site}'`);
  await until(
    () => central('edge-1'),
    ([row]) => row?.n === 100,
  );
  await expectRefusal(lab, ['start', 'edge-2/sink'], 'DDS_STACK_START', 'edge-2/sink needs edge-2/site');

  const started = await change('start edge-2');
  expect(started.services.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
  expect(JSON.parse((await lab.dds([...load, 'edge-2'])).stdout)).toMatchObject({ acked: 100, failed: 0 });
  await until(
    () => central('edge-2'),
    ([row]) => row?.n === 100,
  );
  const { services } = await change('start edge-2');
  expect(services.map(({ pid }) => pid)).toEqual(started.services.map(({ pid }) => pid));
});

test.each([
  ['restart edge-1/snik', 'no service or site "edge-1/snik" in this stack'],
  ['stop sink', '"sink" is at several sites'],
])('dds %s: %s', async (line, message) => {
  await expectRefusal(lab, line.split(' '), 'DDS_UNKNOWN_SERVICE', message);
});

test('up --dry-run says what it would do, and does nothing', async () => {
  await using space = workspace();
  const plan = await json<UpPlan>(space, ['up', '--sites', '1', '--ports', 'auto', '--dry-run']);
  expect(plan).toMatchObject({ stack: 'default', running: false, changes: [] });
  expect(plan.services.map(({ service }) => service)).toEqual([
    ...['edge-1/site', 'central/site', 'edge-1/sink', 'central/sink', 'central/relay'],
    ...['edge-1/detector', 'central/notifier'],
  ]);
  expect(plan.topics).toContainEqual({ site: 'edge-1', topic: 'temperature-data', partitions: 4 });
  expect(existsSync(join(space.directory, '.dds'))).toBe(false);

  const before = await pids();
  const larger = await json<UpPlan>(lab, ['up', '--sites', '3', '--dry-run']);
  expect(larger).toMatchObject({ running: true, services: [] });
  expect(larger.changes).toContainEqual({ action: 'add', what: 'edge-3/site' });
  expect(await pids()).toEqual(before);
});

test('a service has to be named', async () => {
  await expectRefusal(lab, ['restart'], 'DDS_USAGE', 'SERVICE is missing');
});
