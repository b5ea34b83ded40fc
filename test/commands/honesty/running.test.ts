import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Workspace, workspace } from '../../support/cli.ts';
import { expectError } from '../../support/honesty.ts';
import { query, status } from '../../support/stack.ts';

let space: Workspace;

beforeAll(async () => {
  space = workspace();
  const up = await space.dds(['up', '--sites', '1', '--ports', 'auto']);
  expect(up.code, up.stderr).toBe(0);
  const load = await space.dds(['simulate', '--count', '200', '--rate', 'max', '--json']);
  expect(JSON.parse(load.stdout)).toMatchObject({ acked: 200 });
});
afterAll(() => space[Symbol.asyncDispose]());

const commands = [
  ['status'],
  ['logs', '-n', '5'],
  ['registered'],
  ['tail', 'temperature-data', '-n', '3', '-e'],
  ['query', 'select 1 as one'],
  ['protocol'],
  ['up', '--sites', '1', '--ports', 'auto'],
  ['register', 'device', 'd-1', '--name', 'One'],
  ['simulate', '--count', '5', '--rate', 'max'],
  ['simulate', '--rate', 'abc'],
  ['query', 'drop table temperature_data'],
  ['tail', 'temprature-data', '-e'],
  ['logs', 'edge-1/snik'],
  ['status', '--stack', 'other'],
];
const escapeCode = String.fromCharCode(27);

it.each(commands)('dds %s %s: no escapeCode codes in a pipe, and JSON that parses', async (...args) => {
  const words = args.filter((word) => word !== undefined);
  const plain = await space.dds(words);
  expect(plain.stdout + plain.stderr).not.toContain(escapeCode);
  const asJson = await space.dds([...words, '--json']);
  expect(asJson.code).toBe(plain.code);
  expect(asJson.stdout).not.toBe('');
  for (const line of asJson.stdout.trim().split('\n')) expect(() => JSON.parse(line), line).not.toThrow();
});

it.each([
  ['a write', 'delete from temperature_data', 'DDS_SQL_READ_ONLY', /DELETE/i],
  ['two statements', 'select 1; select 2', 'DDS_SQL', /one statement|several|2 statements/],
  ['a column that is not there', 'select temprature from temperature_data', 'DDS_SQL', /temprature/],
  ['a file of this machine', "select * from read_csv('/etc/passwd')", 'DDS_SQL', /./],
] as const)('SQL with %s is refused in one line', async (_what, sql, code, message) => {
  expectError(await space.dds(['query', sql]), code, message);
});

it('SQL that was refused changed nothing', async () => {
  const [row] = await query(space, 'edge-1', 'select count(*)::int as n from temperature_data');
  expect(row?.n).toBeGreaterThanOrEqual(200);
});

it('a site that hangs in mid-command ends it with 3, and shows in status; then all goes on', async () => {
  const site = (await status(space)).services.find(({ service }) => service === 'edge-1/site');
  const pid = site?.pid ?? Number.NaN;
  process.kill(pid, 'SIGSTOP');
  try {
    const [tail, register, shown] = await Promise.all([
      space.dds(['tail', 'temperature-data', '--site', 'edge-1', '--from', 'oldest', '-e']),
      space.dds(['registered', '--site', 'edge-1']),
      space.dds(['status']),
    ]);
    expectError(tail, 'DDS_BROKER_UNREACHABLE', /127\.0\.0\.1:\d+/);
    expectError(register, 'DDS_BROKER_UNREACHABLE', /127\.0\.0\.1:\d+/);
    expect(shown.stdout).toMatch(/edge-1\/site .*does not answer/);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  const after = await space.dds([
    'tail',
    'temperature-data',
    '--site',
    'edge-1',
    '--from',
    'oldest',
    '-c',
    '3',
  ]);
  expect(after.code).toBe(0);
  expect(after.stdout.trim().split('\n')).toHaveLength(3);
});
