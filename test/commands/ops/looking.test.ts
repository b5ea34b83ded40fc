import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StatusSample } from '../../../src/cli/status-line.ts';
import type { DoctorResult } from '../../../src/runtime/stack/doctor.ts';
import type { ListStacksResult } from '../../../src/runtime/stack/list-stacks.ts';
import type { StackStatus } from '../../../src/runtime/stack/types.ts';
import { type Workspace, workspace } from '../../support/cli.ts';

const run = promisify(execFile);
let lab: Workspace;
beforeAll(async () => {
  lab = workspace();
  writeFileSync(join(lab.directory, 'dds.yaml'), 'sites: { edge-1: }\ntopics: { a: {} }\n');
  expect(await lab.dds(['up', '--ports', 'auto'])).toMatchObject({ code: 0 });
  expect(await lab.dds(['up', '--ports', 'auto', '--stack', 'second'])).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await lab.dds(['down', '--purge', '--stack', 'second']);
  await lab.dds(['down', '--purge', '--stack', 'default']);
  await lab[Symbol.asyncDispose]();
});
const one = (...args: string[]) => lab.dds([...args, '--stack', 'default']);

test('two stacks of one directory stand side by side, and a command has to say which', async () => {
  const unclear = await lab.dds(['status']);
  expect(unclear).toMatchObject({ code: 2 });
  expect(unclear.stderr).toContain('there are several stacks here: default, second');
  await lab.dds(['topics', 'create', 'only-here', '--stack', 'second']);
  const topics = async (stack: string) => (await lab.dds(['topics', 'list', '--stack', stack])).stdout;
  expect(await topics('second')).toContain('only-here');
  expect(await topics('default')).not.toContain('only-here');
});

test('ls has both with their ports, and a stack that is down', async () => {
  const listed = async () => {
    const { stacks } = JSON.parse((await lab.dds(['ls', '--json'])).stdout) as ListStacksResult;
    return stacks.filter(({ directory }) => directory === lab.directory);
  };
  expect((await listed()).map(({ stack, state }) => `${stack} ${state}`)).toEqual([
    'default ready',
    'second ready',
  ]);
  const ports = (await listed()).flatMap((stack) => stack.ports);
  expect(new Set(ports).size).toBe(6);
  await lab.dds(['down', '--stack', 'second']);
  expect((await listed()).map(({ state }) => state)).toEqual(['ready', 'down']);
  await lab.dds(['up', '--ports', 'auto', '--stack', 'second']);
});

test('env gives the same endpoints in every format', async () => {
  const [site] = (JSON.parse((await one('status', '--json')).stdout) as StackStatus).sites;
  const [broker] = site!.brokers;
  const env = async (format: string) => (await one('env', '--site', 'edge-1', '--format', format)).stdout;
  expect(JSON.parse(await env('json'))).toMatchObject({
    DDS_BROKERS: broker,
    DDS_REGISTRY: site!.registryUrl,
  });
  expect(await env('dotenv')).toContain(`DDS_BROKERS=${broker}`);
  expect(await env('properties')).toContain(`bootstrap.servers=${broker}`);
  expect(await env('kcat')).toContain(`metadata.broker.list=${broker}`);
  const script = `eval "$1"; echo "$DDS_BROKERS"`;
  const { stdout } = await run('sh', ['-c', script, 'sh', await env('shell')]);
  expect(stdout.trim()).toBe(broker);
});

test('logs --since begins there, --site chooses', async () => {
  const lines = async (...args: string[]) =>
    (await one('logs', '--json', ...args)).stdout.split('\n').filter(Boolean).length;
  expect(await lines('--since', '1h')).toBeGreaterThan(0);
  expect(await lines('--since', '1ms')).toBe(0);
  expect(await lines('--site', 'edge-1')).toBeGreaterThan(0);
  const wrong = await one('logs', '--since', 'noon');
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.stderr).toContain('--since noon is not a time');
});

test('status --watch prints a line each interval until Ctrl-C', async () => {
  const watching = lab.start(['status', '--watch', '--interval', '50ms', '--json', '--stack', 'default']);
  await watching.seen(/(\{"time".*\n){3}/);
  watching.kill('SIGINT');
  const { stdout, code } = await watching.result;
  expect(code).toBe(130);
  const samples = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StatusSample);
  expect(samples.length).toBeGreaterThan(2);
  expect(samples[0]).toMatchObject({ stack: 'default', state: 'ready', notReady: [] });
  const alone = await one('status', '--interval', '1s');
  expect(alone).toMatchObject({ code: 2 });
  expect(alone.stderr).toContain('--watch');
});

test('doctor says what is well, and what to do where it is not', async () => {
  const checks = async (...args: string[]) => {
    const { stdout } = await lab.dds(['doctor', '--json', ...args]);
    return (JSON.parse(stdout) as DoctorResult).checks;
  };
  const well = await checks('--stack', 'default');
  expect(well.find(({ check }) => check === 'ports')).toMatchObject({ verdict: 'ok' });
  await using space = workspace();
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  try {
    const ports = `{ kafka: ${port}, wan: ${port + 1}, registry: ${port + 2} }`;
    writeFileSync(join(space.directory, 'dds.yaml'), `sites: { edge-1: { ports: ${ports} } }\n`);
    const { stdout } = await space.dds(['doctor', '--json']);
    const taken = (JSON.parse(stdout) as DoctorResult).checks.find(({ check }) => check === `port ${port}`);
    expect(taken).toMatchObject({ verdict: 'fail', todo: expect.stringContaining('--ports auto') });
    // A start that is refused for a port leaves nothing.
    const refused = await space.dds(['up']);
    expect(refused).toMatchObject({ code: 3 });
    const { stdout: left } = await run('ls', ['-A', space.directory]);
    expect(left.trim()).toBe('dds.yaml');
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
