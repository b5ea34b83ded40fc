import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ErrorCode } from '../../../src/errors/index.ts';
import { launcher, type Workspace, workspace } from '../../support/cli.ts';
import { expectError, expectRefusal } from '../../support/honesty.ts';

const escapeCode = String.fromCharCode(27);
const manifest = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../../oclif.manifest.json', import.meta.url)), 'utf8'),
) as { commands: Record<string, unknown> };
const commands = Object.keys(manifest.commands).map((id) => id.replaceAll(':', ' '));

let lab: Workspace;
beforeAll(() => {
  lab = workspace();
});
afterAll(() => lab[Symbol.asyncDispose]());

const refusals: [string, ErrorCode, string][] = [
  ['statsu', 'DDS_UNKNOWN_COMMAND', 'unknown command: statsu'],
  ['register thing', 'DDS_UNKNOWN_COMMAND', 'unknown command: register thing'],
  ['--bogus', 'DDS_USAGE', 'a command has to come before --bogus'],
  ['status extra', 'DDS_USAGE', 'dds status takes no argument: extra'],
  ['status --bogus', 'DDS_USAGE', 'unknown flag --bogus'],
  ['up --sites', 'DDS_USAGE', '--sites needs a value'],
  ['up --sites 0', 'DDS_USAGE', '--sites takes a whole number from 1 to 20, not 0'],
  ['up --sites 500', 'DDS_USAGE', '--sites takes a whole number from 1 to 20, not 500'],
  ['up --sites abc', 'DDS_USAGE', '--sites takes a whole number, not abc'],
  ['up --ports 9092', 'DDS_USAGE', '--ports takes one of auto, not 9092'],
  ['simulate --rate -1', 'DDS_USAGE', '--rate -1 is not allowed'],
  ['simulate --rate abc', 'DDS_USAGE', '--rate abc is not allowed'],
  ['simulate --unit X', 'DDS_USAGE', '--unit takes one of C, F, K, not X'],
  ['simulate --replay nowhere.csv', 'DDS_FILE_UNREADABLE', 'cannot read nowhere.csv: there is no such file'],
  ['query x --limit=-1', 'DDS_USAGE', '--limit takes a whole number of at least 0, not -1'],
  ['query x --timeout soon', 'DDS_USAGE', '--timeout soon is not allowed'],
  ['node stop edge-1 2', 'DDS_USAGE', 'NODES takes whole numbers, not edge-1'],
  ['fault clear 1 x', 'DDS_USAGE', 'IDS takes whole numbers, not x'],
  ['query', 'DDS_USAGE', 'SQL is missing'],
  ['tail --from 3 --to now -e', 'DDS_USAGE', '--exit-at-end and --to exclude each other'],
  ['register device', 'DDS_USAGE', 'ID is missing'],
  ['register sensor s', 'DDS_USAGE', '--device and --type are missing'],
  ['unregister', 'DDS_USAGE', 'KIND and ID are missing'],
  ['unregister thing x', 'DDS_USAGE', 'expected one of device, sensor, sensor-type, not thing'],
  ['registered sensrs', 'DDS_USAGE', 'expected one of devices, sensors, sensor-types, not sensrs'],
  ['run sink --site x', 'DDS_USAGE', '--brokers, --registry and --store are missing'],
  ...[
    ...['status', 'logs', 'tail', 'registered', 'register device d', 'register sensor-type t'],
    ...['register sensor s --device d --type t', 'unregister device d', 'simulate --count 1', 'query x'],
  ].map((line): [string, ErrorCode, string] => [line, 'DDS_NO_STACK', 'no stack is running here']),
];

test.concurrent.each(refusals)('dds %s: %s, %s', async (line, code, message) => {
  await expectRefusal(lab, line.split(' '), code, message);
});

test.concurrent.each([
  ['query', 'SQL is missing'],
  ['register device', 'ID is missing'],
  ['unregister device', 'ID is missing'],
])('dds %s takes no argument from a pipe', async (line, message) => {
  expectError(await lab.dds(line.split(' '), { input: 'thing\n' }), 'DDS_USAGE', message);
});

test('a mistyped command or flag is told the right one', async () => {
  expect((await lab.dds(['statsu'])).stderr).toContain('Did you mean dds status?');
  expect((await lab.dds(['status', '--jsn'])).stderr).toContain('Did you mean --json?');
});

const topologies: [string, string, string | RegExp][] = [
  ['a wrong type', 'sites: { edge-1: }\ntopics:\n  t: { partitions: two }\n', /dds\.yaml:3:\d+: .*two/],
  ['a site twice', 'sites:\n  edge-1:\n  edge-1:\n', /dds\.yaml:3:\d+: .*edge-1/],
  [
    'a relay to no site',
    'sites: { edge-1: }\nrelays:\n  r: { site: edge-1, sources: [moon] }\n',
    /dds\.yaml:3:\d+: .*moon/,
  ],
  ['an unknown key', 'sites: { edge-1: }\ntopcs: {}\n', /dds\.yaml:2:1: .*topcs[\s\S]*topics/],
  ['no YAML', 'sites: { edge-1\n', /dds\.yaml:\d+:\d+: /],
];
test.each(topologies)('dds.yaml with %s names the place', async (_what, text, message) => {
  await using space = workspace();
  writeFileSync(join(space.directory, 'dds.yaml'), text);
  expectError(await space.dds(['up']), 'DDS_TOPOLOGY_INVALID', message);
});

test.concurrent.each(commands)('dds %s --help has a summary and examples', async (command) => {
  const { code, stdout, stderr } = await lab.dds([...command.split(' '), '--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^[A-Z][^\n]+\.\n/);
  expect(stdout.split('\nEXAMPLES\n')[1]).toContain(`dds ${command}`);
  expect(stdout).not.toContain(escapeCode);
});

test('help is there under every name', async () => {
  const [long, short, word] = await Promise.all(
    [
      ['up', '--help'],
      ['up', '-h'],
      ['help', 'up'],
    ].map((args) => lab.dds(args)),
  );
  expect(short).toMatchObject({ code: 0, stdout: long!.stdout });
  expect(word).toMatchObject({ code: 0, stdout: long!.stdout });
  expect(await lab.dds(['register', '--json'])).toMatchObject({ code: 2 });
});

test('dds --help answers at once', async () => {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) times.push((await lab.dds(['--help'])).elapsedMs);
  const median = times.sort((a, b) => a - b)[2]!;
  process.stdout.write(`dds --help: ${median.toFixed(0)} ms, median of 5\n`);
  expect(median).toBeLessThan(600);
});

test('colours: FORCE_COLOR asks for them, NO_COLOR and --no-color refuse them', async () => {
  const stderr = async (args: string[], env: Record<string, string>) =>
    (await lab.dds(['status', ...args], { env })).stderr;
  expect(await stderr([], {})).not.toContain(escapeCode);
  expect(await stderr([], { FORCE_COLOR: '1' })).toContain(`${escapeCode}[31merror:`);
  expect(await stderr([], { FORCE_COLOR: '1', NO_COLOR: '1' })).not.toContain(escapeCode);
  expect(await stderr(['--no-color'], { FORCE_COLOR: '1' })).not.toContain(escapeCode);
});

const system = '/usr/bin/node';
const isOld =
  existsSync(system) && Number(execFileSync(system, ['-p', 'process.versions.node.split(".")[0]'])) < 22;
test.runIf(isOld)('a Node.js that is too old gets one line', () => {
  const script = `'${system}' '${launcher}' status 2>&1; echo "code $?"`;
  const said = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
  expect(said).toMatch(/^dds needs Node\.js 22\.22 or newer, this is [^\n]+\ncode 3\n$/);
});
