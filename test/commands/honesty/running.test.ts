import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FaultsResult } from '../../../src/runtime/data/faults/faults.ts';
import { launcher, type Workspace, workspace } from '../../support/cli.ts';
import { expectError, expectRefusal } from '../../support/honesty.ts';
import { json, query, status, until } from '../../support/stack.ts';

let lab: Workspace;
beforeAll(async () => {
  lab = workspace();
  expect(await lab.dds(['up', '--sites', '1', '--ports', 'auto'])).toMatchObject({ code: 0 });
  expect(await lab.dds(['register', 'device', 'd'])).toMatchObject({ code: 0 });
  expect((await lab.dds(['simulate', '--count', '50', '--rate', 'max', '--no-register'])).stderr).not.toMatch(
    /not acknowledged/,
  );
  const stored = () => query(lab, 'edge-1', 'SELECT count(*)::INT AS n FROM temperature_data');
  await until(stored, ([row]) => row?.n === 50);
});
afterAll(() => lab[Symbol.asyncDispose]());

const sitePid = async () =>
  (await status(lab)).services.find(({ service }) => service === 'edge-1/site')!.pid!;
/** Records of a topic at edge-1, as its broker counts them. */
const sent = async () => {
  const { stdout } = await lab.dds(['tail', 'temperature-data', '-s', 'edge-1', '-e']);
  return stdout.trimEnd().split('\n').length;
};

test.each([
  ...['tail -e', 'registered', 'register device x', 'unregister device d', 'simulate --count 1'].map(
    (line) => [`${line} --site moon`, 'DDS_UNKNOWN_SITE', 'no site "moon" in this stack'] as const,
  ),
  ['query x --site moon', 'DDS_UNKNOWN_SITE', 'no site "moon" in this stack'] as const,
  ['tail temperatur -e', 'DDS_UNKNOWN_TOPIC', 'there is no topic temperatur'] as const,
  ['produce a,b --site edge-1', 'DDS_USAGE', 'the topic name is not valid'] as const,
  ['simulate --topic ☃', 'DDS_USAGE', 'the topic name is not valid'] as const,
  ['logs edge-1/snik', 'DDS_UNKNOWN_SERVICE', 'no service "edge-1/snik"'] as const,
  ['unregister device nope', 'DDS_NOT_REGISTERED', 'no device "nope"'] as const,
  ['register sensor s --device nope --type t', 'DDS_UNKNOWN_REFERENCE', 'no device "nope"'] as const,
])('dds %s: %s, %s', async (line, code, message) => {
  await expectRefusal(lab, line.split(' '), code, message);
});

test.each([
  ['INSERT INTO temperature_data DEFAULT VALUES', 'DDS_SQL_READ_ONLY', 'would write'],
  ['DROP TABLE temperature_data', 'DDS_SQL_READ_ONLY', 'would write'],
  ["COPY temperature_data TO 'x.csv'", 'DDS_SQL_READ_ONLY', 'would write'],
  ['SELCT 1', 'DDS_SQL', /syntax error at or near "SELCT" \(line 1, column 1\)/],
  ['SELECT 1; SELECT 2', 'DDS_SQL', '2 statements were given'],
  ['SELECT nope\nFROM temperature_data', 'DDS_SQL', /nope.*line 1, column 8/],
  ['FROM nowhere', 'DDS_SQL', /nowhere does not exist! \(line 1, column 6\)/],
  ['', 'DDS_SQL', 'there is no SQL statement'],
] as const)('dds query %j: %s', async (sql, code, message) => {
  await expectRefusal(lab, ['query', sql, '--site', 'edge-1'], code, message);
});

test.each([
  ['a missing column', 'sensor_id,timestamp\na,1\n', /temperature/],
  ['a bad number', 'sensor_id,timestamp,temperature,unit\na,1,20,C\na,2,warm,C\n', /readings\.csv.*3.*warm/],
])('a recording with %s is refused before anything is sent', async (_what, text, message) => {
  writeFileSync(join(lab.directory, 'readings.csv'), text);
  const before = await sent();
  const replay = ['simulate', '--replay', 'readings.csv', '--speed', 'max', '--site', 'edge-1'];
  await expectRefusal(lab, replay, 'DDS_INPUT_INVALID', message);
  expect(await sent()).toBe(before);
});

test('every answer is one JSON value, every stream one a line', async () => {
  for (const line of ['status', 'up --sites 1', 'registered', 'query FROM_temperature_data', 'protocol']) {
    await json(
      lab,
      line.split(' ').map((word) => word.replaceAll('_temp', ' temp')),
    );
  }
  for (const line of ['logs', 'tail -e']) {
    const { code, stdout } = await lab.dds([...line.split(' '), '--json']);
    expect(code).toBe(0);
    for (const one of stdout.trimEnd().split('\n')) expect(JSON.parse(one)).toBeTypeOf('object');
  }
});

test('nothing colours a pipe, and FORCE_COLOR does', async () => {
  const escapeCode = String.fromCharCode(27);
  for (const line of [
    'status',
    'logs',
    'tail -e',
    'registered',
    'up --sites 1',
    'protocol',
    'simulate --count 1',
  ]) {
    const { stdout, stderr } = await lab.dds(line.split(' '));
    expect(stdout + stderr).not.toContain(escapeCode);
  }
  const forced = await lab.dds(['status'], { env: { FORCE_COLOR: '1' } });
  expect(forced.stdout).toContain(escapeCode);
});

test('head ends a stream of logs', async () => {
  const script = `set -o pipefail; '${process.execPath}' '${launcher}' logs -f -n 1000 | head -3`;
  const piped = promisify(execFile)('bash', ['-c', script], { cwd: lab.directory, timeout: 40_000 });
  // All of the log may have been written before head left: then the next line is what finds the reader gone.
  let ended = false;
  void piped.catch(() => undefined).then(() => (ended = true));
  while (!ended) await lab.dds(['restart', 'edge-1/sink']);
  const { stdout, stderr } = await piped;
  expect(stderr).toBe('');
  expect(stdout.trimEnd().split('\n')).toHaveLength(3);
});

test('Ctrl-C ends a simulation with its summary', async () => {
  const from = await sent();
  const run = lab.start(['simulate', '--rate', '200', '--site', 'edge-1', '--no-register', '--json']);
  await until(sent, (now) => now > from);
  run.kill('SIGINT');
  const { code, stdout } = await run.result;
  expect(code).toBe(130);
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ interrupted: true, failed: 0 });
  expect(result.acked).toBe(result.sent);
});

/** Answers nothing more to a simulation, and resolves when one waits: a clean stop then has to wait, too. */
async function holdBack(): Promise<void> {
  const rule = ['--site', 'edge-1', '--api', 'Produce', '--client', 'dds-simulate', '--delay', '60s'];
  expect(await lab.dds(['fault', 'add', ...rule])).toMatchObject({ code: 0 });
  await until(
    async () => (await json<FaultsResult>(lab, ['fault', 'list'])).sites,
    (sites) => sites.some(({ faults }) => faults.some(({ hits }) => hits > 0)),
  );
}

test.each([
  [{ npm_command: 'exec' }, false],
  [{}, true],
])('a second Ctrl-C, with %j in the environment, leaves at once: %j', async (env, atOnce) => {
  const from = await sent();
  const run = lab.start(['simulate', '--rate', '5000', '--site', 'edge-1', '--no-register'], { env });
  let ended = false;
  const result = run.result.finally(() => {
    ended = true;
  });
  await until(sent, (now) => now > from);
  if (atOnce) await holdBack();
  try {
    // Signals of one kind that come together are one to the kernel; the spacing makes them several.
    for (let i = 0; i < 10 && !ended; i++) {
      run.kill('SIGINT');
      await setTimeout(20);
    }
    const { code, stdout, elapsedMs } = await result;
    expect(code).toBe(130);
    if (atOnce) expect(stdout).toBe('');
    else expect(stdout).toMatch(/sent +acked/);
    expect(elapsedMs).toBeLessThan(15_000);
  } finally {
    await lab.dds(['fault', 'clear']);
  }
});

test('a site that hangs ends a command with 3, named', async () => {
  const pid = await sitePid();
  process.kill(pid, 'SIGSTOP');
  try {
    const [tail, register] = await Promise.all([
      lab.dds(['tail', 'temperature-data', '-e', '-s', 'edge-1']),
      lab.dds(['register', 'device', 'late', '-s', 'edge-1']),
    ]);
    expectError(tail, 'DDS_BROKER_UNREACHABLE', /^error: broker 127\.0\.0\.1:\d+ does not answer/);
    expectError(register, 'DDS_REGISTRY_UNREACHABLE', /the Schema Registry at http:\S+ does not answer/);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

test('a site that is killed during a simulation costs no reading', async () => {
  const pid = await sitePid();
  const from = await sent();
  const run = lab.start([
    'simulate',
    '--rate',
    '200',
    '--count',
    '600',
    '--site',
    'edge-1',
    '--no-register',
    '--json',
  ]);
  await until(sent, (now) => now > from);
  process.kill(pid, 'SIGKILL');
  const result = JSON.parse((await run.result).stdout);
  expect(result).toMatchObject({ sent: 600, acked: 600, failed: 0 });
  expect(await sent()).toBe(from + 600);
});
