import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Workspace, workspace } from '../support/cli.ts';
import { npm, npmRegistryAnswers, shareDependencies, startProgram, tool } from '../support/projects.ts';
import { json, until } from '../support/stack.ts';
import { dds, expectAllWork, plant, projectOf, registerSensor, templates } from '../support/templates.ts';

const names = templates.map(({ name }) => name);
/** As long a name as there can be: lines get longer, and must still be formatted. */
const longName = 'a-name-of-forty-letters-and-no-more-isok';

let isOnline = false;
let space: Workspace;
const projectIn = (name: string) => projectOf(space, name);

beforeAll(async () => {
  isOnline = await npmRegistryAnswers();
  space = workspace();
  if (!isOnline) return;
  writeFileSync(join(space.directory, 'dds.yaml'), plant);
  for (const [at, { kind, template, name, flags }] of templates.entries()) {
    const install = at === 0 ? '--install' : '--no-install';
    await dds(space, 'init', kind, name, '--template', template, ...flags, '--yes', '--no-git', install);
    if (at > 0) shareDependencies(projectIn(names[0]!), projectIn(name));
  }
}, 180_000);
afterAll(() => space[Symbol.asyncDispose](), 60_000);

test.for(names)('%s is linted, tested and built as it comes', async (name, context) => {
  if (!isOnline) return context.skip();
  const project = projectIn(name);
  const [, tested] = await Promise.all([
    npm(project, 'run', 'lint'),
    npm(project, 'test'),
    npm(project, 'run', 'build'),
  ]);
  expect(tested).toMatch(/fail 0\n/);
});

test('names may be long, and types that are not current are told', async (context) => {
  if (!isOnline) return context.skip();
  const aside = ['--name', longName, '--yes', '--no-git', '--no-install', '--no-add-job'];
  for (const [at, { kind, template }] of templates.entries()) {
    const directory = `long-${at}`;
    await dds(space, 'init', kind, directory, '--template', template, ...aside);
    shareDependencies(projectIn(names[0]!), projectIn(directory));
    await tool(projectIn(directory), 'biome', 'check', '.');
  }
  const schema = join(projectIn('long-0'), 'schemas/text.avsc');
  writeFileSync(schema, readFileSync(schema, 'utf8').replace('"text"', '"words"'));
  await expect(npm(projectIn('long-0'), 'run', 'lint')).rejects.toThrow(
    /^src\/records\.ts is not what schemas\/\*\.avsc says: npm run generate$/m,
  );
});

test('a Node that is too old is told in a line, by npm and by what runs TypeScript', async (context) => {
  if (!isOnline) return context.skip();
  const project = projectIn(names[0]!);
  const manifest = join(project, 'package.json');
  const text = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, text.replace('>=22.22.0', '>=99.0.0'));
  onTestFinished(() => writeFileSync(manifest, text));
  const told = `^${names[0]} needs Node 99.0.0 or newer; this is ${process.versions.node}$`;
  for (const script of ['test', 'start', 'dev'])
    await expect(npm(project, 'run', script)).rejects.toThrow(new RegExp(told, 'm'));
  await expect(npm(project, 'install')).rejects.toThrow('Required: {"node":">=99.0.0"}');
});

let stack: Promise<string> | null = null;
/** One for both tests; either may be run alone. */
const up = () => (stack ??= dds(space, 'up', '--ports', 'auto'));

test('in a stack they work on real records, and stop when they are told to', async (context) => {
  if (!isOnline) return context.skip();
  await up();
  await registerSensor(space);
  await dds(space, 'restart', 'edge-1/enrich-stream');
  const archive = join(projectIn('basic-consumer'), 'data/edge-1.ndjson');
  await expectAllWork(space, () => readFileSync(archive, 'utf8'));
  const jobs = names.map((name) => `edge-1/${name}`);
  await dds(space, 'stop', ...jobs);
  // The last lines of all: one that is not among them goes on.
  const said = await dds(space, 'logs', ...jobs, '-n', '100');
  for (const name of names) expect(said).toContain(`${name} has stopped`);
});

test('built, they tell their health, outlast a broker that is away, and end with 0', async (context) => {
  if (!isOnline) return context.skip();
  const start = (name: string, env: Record<string, string>) =>
    startProgram(['dist/main.js'], { cwd: projectIn(name), env: { DDS_HTTP: '127.0.0.1:0', ...env } });
  const each = (some: readonly string[], check: (name: string) => Promise<void>) =>
    Promise.all(some.map(check));
  await each(names, async (name) => {
    await using lost = start(name, {});
    expect(await lost.exited).toBe(2);
    expect(lost.lines).toMatchObject([{ level: 'error', msg: 'DDS_REGISTRY is not set' }]);
  });
  await up();
  const { variables } = await json<{ variables: Record<string, string> }>(space, ['env']);
  await each(names, async (name) => {
    await using program = start(name, variables);
    const { http } = await program.logged(/ is ready$/);
    const ask = async (path: string) => await fetch(`http://${http}${path}`);
    await until(
      async () => (await ask('/healthz')).status,
      (status) => status === 200,
    );
    expect(await (await ask('/metrics')).text()).toContain(`service="${name}"`);
    expect(await program.stop()).toBe(0);
    expect(program.lines.at(-1)?.msg).toBe(`${name} has stopped`);
  });
  await dds(space, 'down');
  stack = null;
  await each(['basic-producer', 'basic-consumer', 'reverse-stream'], async (name) => {
    await using program = start(name, variables);
    const { error } = await program.logged(/trying again until it works|starts anew as soon as it can/);
    expect(error).toMatch(/does not answer/);
    expect(await program.stop()).toBe(0);
  });
});
