import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FaultsResult } from '../../src/runtime/data/faults/faults.ts';
import { type Workspace, workspace } from '../support/cli.ts';
import { json, query, until } from '../support/stack.ts';

let space: Workspace;
beforeAll(async () => {
  space = workspace();
  const { code, stderr } = await space.dds(['up', '--sites', '1', '--ports', 'auto']);
  expect(code, stderr).toBe(0);
});
afterAll(() => space[Symbol.asyncDispose](), 60_000);

const faults = async (...args: string[]) => (await json<FaultsResult>(space, ['fault', ...args])).sites;

test('faults are added, met by the jobs of the stack, counted, cleared; no reading is lost or doubled', async () => {
  await faults('add', '--site', 'all', '--api', 'Produce', '--drop', 'answer', '--times', '2');
  await faults('add', '--site', 'all', '--api', 'Produce', '--error', 'not_leader_or_follower', '--nth', '4');
  await faults('add', '--site', 'edge-1', '--topic', 'temperature-data', '--delay', '50ms', '--times', '3');
  const simulated = await space.dds(['simulate', '--count', '500', '--rate', 'max', '--site', 'edge-1']);
  expect(simulated.code, simulated.stderr).toBe(0);
  const [rows] = await until(
    () =>
      query(
        space,
        'central',
        'select count(*) n, count(distinct (sensor_id, "timestamp", temperature)) d from temperature_data',
      ),
    ([row]) => Number(row?.n) >= 500,
  );
  expect(rows).toEqual({ n: 500, d: 500 });
  const hits = (await faults('list')).flatMap(({ site, faults: rules }) =>
    rules.map((rule) => [site, rule.hits]),
  );
  expect(hits).toContainEqual(['edge-1', 2]);
  expect(hits).toContainEqual(['edge-1', 3]);
  expect((await faults('clear', '1', '--site', 'edge-1')).map(({ faults: gone }) => gone.length)).toEqual([
    1,
  ]);
  await faults('clear');
  expect((await space.dds(['fault', 'list'])).stdout).toBe('there are no faults\n');
});

test('dds parity that waits and is interrupted says so in a line, and leaves no topic', async () => {
  await faults('add', '--site', 'edge-1', '--api', 'DescribeConfigs', '--error', 'NOT_CONTROLLER');
  const comparing = space.start(['parity', '--against', 'edge-1', '--only', 'configs']);
  await until(
    () => faults('list'),
    (sites) => sites.some(({ faults: [rule] }) => (rule?.hits ?? 0) > 20),
  );
  comparing.kill('SIGINT');
  const { code, stderr } = await comparing.result;
  expect([code, stderr]).toEqual([130, 'error: interrupted\n  Run it again. (DDS_FAILED)\n']);
  await faults('clear');
  expect((await space.dds(['topics', 'list', '--site', 'edge-1'])).stdout).not.toContain('parity-');
});

test.for([
  [['add', '--site', 'edge-1', '--api', 'Produce'], 'a fault needs --delay, --error or --drop'],
  [['add', '--site', 'edge-1', '--delay', 'soon'], '--delay soon is not a time'],
  [
    ['add', '--site', 'edge-1', '--drop', 'answer', '--probability', '120%'],
    '--probability 120% is not a share',
  ],
  [
    ['add', '--site', 'edge-1', '--api', 'Produced', '--drop', 'answer'],
    'the broker does not serve Produced',
  ],
  [['add', '--site', 'edge-1', '--api', 'Produce', '--error', 'OOPS'], 'OOPS is not a Kafka error'],
  [['add', '--site', 'edge-1', '--error', 'NOT_CONTROLLER'], 'an error needs an API that answers with it'],
  [['add', '--api', 'Produce', '--drop', 'answer'], 'there are 2 sites: say at which'],
  [['clear', '99'], 'there is no fault 99'],
] as [string[], string][])('dds fault %j is refused: %s', async ([args, message]) => {
  const { code, stderr } = await space.dds(['fault', ...args]);
  expect(code).toBe(2);
  expect(stderr).toContain(`error: ${message}\n`);
  expect((await faults('list')).flatMap(({ faults: rules }) => rules)).toEqual([]);
});
