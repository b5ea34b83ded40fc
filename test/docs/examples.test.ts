import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Workspace, workspace } from '../support/cli.ts';
import { startConsumer } from '../support/consumer.ts';
import { shellIn } from '../support/shell.ts';
import { query, status, until } from '../support/stack.ts';
import { root } from './markdown.ts';

interface ManifestCommand {
  hidden?: boolean;
  examples?: string[];
}
const manifest = JSON.parse(readFileSync(`${root}/oclif.manifest.json`, 'utf8')) as {
  commands: Record<string, ManifestCommand>;
};

/** The command lines of a command's help. */
const examplesOf = (id: string): string[] =>
  (manifest.commands[id]?.examples ?? []).map((example) =>
    example.replaceAll('<%= config.bin %>', 'dds').replace('<%= command.id %>', id.replaceAll(':', ' ')),
  );

/** Need a stack of their own, or none; each is run in a directory of its own. */
const alone = new Set(['demo', 'up', 'exec', 'completion', 'doctor', 'ls']);
const isAlone = (id: string) => alone.has(id) || id.startsWith('init:');
/** End the stack, or a job that lasts until it is stopped. */
const last = [
  'node:stop',
  'node:start',
  'unregister',
  'groups:delete',
  'topics:delete',
  'schemas:delete',
  'streams:reset',
  'restart',
  'stop',
  'start',
  'down',
];

/** Need a Docker; test/docker runs them. */
const ofDocker = new Set(['pull', 'parity']);

const ids = Object.keys(manifest.commands).filter(
  (id) => !manifest.commands[id]?.hidden && !ofDocker.has(id),
);
const running = ids
  .filter((id) => !isAlone(id))
  .sort((a, b) => last.indexOf(a) - last.indexOf(b) || a.localeCompare(b));

/** What examples name, and every user has in another form. */
const schema = JSON.stringify({
  ...{ type: 'record', name: 'Flow' },
  fields: [
    { name: 'sensor_id', type: 'string' },
    { name: 'litres', type: 'double' },
  ],
});
const plant = 'sites: { edge-1: , central: }\ntopics: { temperature-data: { schema: TemperatureData } }\n';
const files: Record<string, string> = {
  'weather.csv': 'date,location,temp_max\n2012-01-01,Seattle,12.8\n2012-01-02,Seattle,10.6\n',
  'readings.ndjson': '{"sensor_id":"s-1","timestamp":1,"temperature":20.5,"unit":"C"}\n',
  'my.avsc': schema,
  'flow.avsc': schema,
  'plant.yaml': plant,
  'token.txt': '123:none\n',
  'package.json': '{ "scripts": { "test": "true" } }',
  'plants.sql': 'select count(*) from temperature_data',
};

function prepare(space: Workspace): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(space.directory, name), text);
  mkdirSync(join(space.directory, 'lab'));
}

/** Runs an example as it stands; one that goes on for ever is ended after a while, as a user would with Ctrl-C. */
async function expectWorks(shell: ReturnType<typeof shellIn>, example: string, afterS = 6): Promise<void> {
  const { code, output } = await shell(
    `timeout -s INT ${afterS} bash -o pipefail -c '${example.replaceAll("'", "'\\''")}'`,
  );
  // On a machine that is busy with other tests the simulator may say that it could not hold the rate.
  const isBusy = code === 4 && /DDS_RATE_MISSED/.test(output);
  expect(isBusy || code === 124 ? 0 : code, `${example}\n${output}`).toBe(0);
  if (!isBusy) expect(output).not.toMatch(/^error:/m);
}

let lab: Workspace;
/** The ports of the documentation, and those that the stack really has. */
const ports = new Map<string, string>();
const withOurPorts = (example: string) =>
  example.replaceAll(/127\.0\.0\.1:\d+/g, (address) => ports.get(address) ?? address);
let shell: ReturnType<typeof shellIn>;
beforeAll(async () => {
  lab = workspace();
  prepare(lab);
  shell = shellIn(lab);
  for (const line of [
    'dds up --sites 2',
    'dds simulate --count 200 --rate max',
    'dds register sensor-type pt100',
    'dds register device boiler-1',
    'dds topics create flow --partitions 2 --site all',
  ])
    expect(await shell(line), line).toMatchObject({ code: 0 });
  // What examples name: a group that has read, and what a sensor needs.
  for (const { site, brokers, wanBrokers, registryUrl } of (await status(lab)).sites) {
    const offset = 100 * Number(/\d+$/.exec(site)?.[0] ?? 0);
    ports.set(`127.0.0.1:${9092 + offset}`, brokers[0]!);
    ports.set(`127.0.0.1:${9093 + offset}`, wanBrokers[0]!);
    ports.set(`127.0.0.1:${8081 + offset}`, new URL(registryUrl).host);
    await using reader = await startConsumer(brokers, { group: 'my-app', topic: 'temperature-data' });
    await reader.read(1);
  }
  await until(
    () => query(lab, 'central', 'select count(*)::int as n from temperature_data'),
    ([row]) => Number(row?.n) === 200,
  );
}, 60_000);
afterAll(() => lab[Symbol.asyncDispose]());

test.each(running)('dds %s: its examples work', { timeout: 60_000 }, async (id) => {
  const examples = examplesOf(id.replaceAll(' ', ':'));
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) await expectWorks(shell, withOurPorts(example));
});

test.each(ids.filter(isAlone))('dds %s: its examples work anywhere', { timeout: 90_000 }, async (id) => {
  for (const example of examplesOf(id)) {
    await using space = workspace();
    prepare(space);
    const type = shellIn(space);
    if (id === 'init:update') await type('dds init stream my-job --template reverse --no-install');
    // `demo --keep` leaves a stack where temporary files go.
    await expectWorks(type, `export TMPDIR=$PWD; ${example}`, 25);
    await type('for kept in dds-demo-*/; do cd "$kept" && TMPDIR=$OLDPWD dds down --purge; done');
  }
});
