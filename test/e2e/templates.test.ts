import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Workspace, workspace } from '../support/cli.ts';
import { npm, npmRegistryAnswers, shareDependencies, startProgram } from '../support/projects.ts';
import { json, until } from '../support/stack.ts';

const templates = [
  { kind: 'stream', template: 'reverse' },
  { kind: 'stream', template: 'threshold' },
  { kind: 'stream', template: 'enrich' },
  { kind: 'stream', template: 'window' },
  { kind: 'consumer', template: 'basic' },
  { kind: 'producer', template: 'basic', flags: ['--topic', 'rooms'] },
].map((one) => ({ flags: [], ...one, name: `${one.template}-${one.kind}` }));
const names = templates.map(({ name }) => name);
/** As long a name as there can be: lines get longer, and must still be formatted. */
const longName = 'a-name-of-forty-letters-and-no-more-isok';

let isOnline = false;
let space: Workspace;
const projectOf = (name: string) => join(space.directory, name);
const dds = async (...args: string[]) => {
  const { code, stdout, stderr } = await space.dds(args);
  if (code !== 0) throw new Error(`dds ${args.join(' ')} → ${code}\n${stdout}\n${stderr}`);
  return stdout;
};

beforeAll(async () => {
  isOnline = await npmRegistryAnswers();
  space = workspace();
  if (!isOnline) return;
  writeFileSync(
    join(space.directory, 'dds.yaml'),
    `sites: { edge-1: { store: none } }
topics:
  temperature-data: { partitions: 4, schema: TemperatureData }
  sensor-registration: { schema: SensorRegistration, configs: { cleanup.policy: compact } }
  device-registration: { schema: DeviceRegistration, configs: { cleanup.policy: compact } }
  sensor-type-registration: { schema: SensorTypeRegistration, configs: { cleanup.policy: compact } }
`,
  );
  for (const [at, { kind, template, name, flags }] of templates.entries()) {
    const install = at === 0 ? '--install' : '--no-install';
    await dds('init', kind, name, '--template', template, ...flags, '--yes', '--no-git', install);
    if (at > 0) shareDependencies(projectOf(names[0]!), projectOf(name));
  }
}, 180_000);
afterAll(() => space[Symbol.asyncDispose](), 60_000);

test.for(names)('%s is linted, tested and built as it comes', async (name, context) => {
  if (!isOnline) return context.skip();
  const project = projectOf(name);
  await npm(project, 'run', 'lint');
  expect(await npm(project, 'test')).toMatch(/fail 0\n/);
  await npm(project, 'run', 'build');
});

test('names may be long, and types that are not current are told', async (context) => {
  if (!isOnline) return context.skip();
  for (const [at, { kind, template }] of templates.entries()) {
    const directory = `long-${at}`;
    const flags = [
      '--template',
      template,
      '--name',
      longName,
      '--yes',
      '--no-git',
      '--no-install',
      '--no-add-job',
    ];
    await dds('init', kind, directory, ...flags);
    shareDependencies(projectOf(names[0]!), projectOf(directory));
    await npm(projectOf(directory), 'exec', '--offline', '--', 'biome', 'check', '.');
  }
  const schema = join(projectOf('long-0'), 'schemas/text.avsc');
  writeFileSync(schema, readFileSync(schema, 'utf8').replace('"text"', '"words"'));
  await expect(npm(projectOf('long-0'), 'run', 'lint')).rejects.toThrow(
    /^src\/records\.ts is not what schemas\/\*\.avsc says: npm run generate$/m,
  );
});

interface Tailed {
  key: string;
  value: Record<string, unknown>;
  headers?: Record<string, unknown>;
}

/** Records of a topic once there are so many. */
const records = async (topic: string, count: number): Promise<Tailed[]> =>
  until(
    async () =>
      (await dds('tail', topic, '--from', 'oldest', '-e', '--json'))
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Tailed),
    (found) => found.length >= count,
  );

test('in a stack they work on real records, and stop with it', async (context) => {
  if (!isOnline) return context.skip();
  await dds('up', '--ports', 'auto');
  const produce = (args: string[], ...values: unknown[]) =>
    space
      .dds(['produce', ...args], { input: values.map((value) => `${JSON.stringify(value)}\n`).join('') })
      .then(({ code, stderr }) => expect({ code, stderr }).toMatchObject({ code: 0 }));

  await dds('register', 'device', 'oven', '--name', 'Oven', '--location', 'Hall 3');
  await dds('register', 'sensor-type', 'hot', '--name', 'Thermocouple', '--unit', 'C');
  const sensor = ['--name', 'Inside', '--device', 'oven', '--type', 'hot'];
  await dds('register', 'sensor', 's1', ...sensor);
  // A job that starts has read all registrations before its first reading.
  await dds('restart', 'edge-1/enrich-stream');

  await produce(['texts', '--key', 'k'], { text: 'stressed' });
  expect(await records('reverse-stream-output', 1)).toMatchObject([
    { key: 'k', value: { text: 'desserts' } },
  ]);

  const reading = (sensor_id: string, second: number, temperature: number) => ({
    ...{ sensor_id, timestamp: 1_700_000_000_000 + second * 1000, temperature, unit: 'C' },
  });
  const temperatures = [20, 35, 40, -300, 20];
  const readings = temperatures.map((temperature, at) => reading('s1', at, temperature));
  await produce(['temperature-data', '--key-field', 'sensor_id'], ...readings, reading('s1', 60, 21));
  await produce(['-'], { topic: 'temperature-data', partition: 0, key: 'broken', valueB64: 'bm8=' });

  expect((await records('threshold-stream-alarms', 2)).map(({ value }) => value)).toMatchObject([
    { state: 'RAISED', temperature: 35, threshold: 30 },
    { state: 'CLEARED', temperature: -300, max: 40 },
  ]);
  expect((await records('enrich-stream-output', 6))[0]).toMatchObject({
    key: 's1',
    value: { ...readings[0], sensor: 'Inside', device: 'Oven', location: 'Hall 3' },
  });
  expect((await records('window-stream-output', 1)).map(({ value }) => value)).toEqual([
    { start: 1_700_000_000_000, end: 1_700_000_010_000, count: 5, mean: -37, min: -300, max: 40 },
  ]);
  const letters = await records('basic-consumer.dead-letter', 2);
  const reasons = letters.map(({ headers }) => headers?.['dds-dead-letter-reason']).sort();
  expect(reasons).toEqual([
    '-300 C is below absolute zero',
    expect.stringContaining('not in the wire format'),
  ]);
  for (const job of ['threshold', 'enrich', 'window'])
    expect((await records(`${job}-stream.dead-letter`, 1)).map(({ key }) => key)).toEqual(['broken']);
  const archive = join(projectOf('basic-consumer'), 'data/edge-1.ndjson');
  const rows = await until(
    async () =>
      readFileSync(archive, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ({ length }) => length >= 5,
  );
  expect(rows.map(({ temperature }) => temperature)).toEqual([20, 35, 40, 20, 21]);
  const rooms = await records('rooms', 3);
  expect(new Set(rooms.map(({ key }) => key))).toContain('edge-1-room-3');

  await dds('down');
  for (const name of names) expect(await dds('logs', `edge-1/${name}`, '-n', '1')).toMatch(/ has stopped/);
});

test('built, they tell their health, outlast a broker that is away, and end with 0', async (context) => {
  if (!isOnline) return context.skip();
  const start = (name: string, env: Record<string, string>) =>
    startProgram(['dist/main.js'], { cwd: projectOf(name), env: { DDS_HTTP: '127.0.0.1:0', ...env } });
  for (const name of names) {
    await using lost = start(name, {});
    expect(await lost.exited).toBe(2);
    expect(lost.lines).toMatchObject([{ level: 'error', msg: 'DDS_REGISTRY is not set' }]);
  }
  await dds('up', '--ports', 'auto');
  const { variables } = await json<{ variables: Record<string, string> }>(space, ['env']);
  for (const name of names) {
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
  }
  await dds('down');
  for (const name of ['basic-producer', 'basic-consumer', 'reverse-stream']) {
    await using program = start(name, variables);
    const { error } = await program.logged(/trying again until it works|starts anew as soon as it can/);
    expect(error).toMatch(/does not answer/);
    expect(await program.stop()).toBe(0);
  }
});
