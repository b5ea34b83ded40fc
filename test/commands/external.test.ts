import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StackStatus } from '../../src/runtime/stack/types.ts';
import { type Workspace, workspace } from '../support/cli.ts';
import { expectError } from '../support/honesty.ts';
import { startRegistry } from '../support/registry.ts';
import { type SecureBroker, startSecureBroker } from '../support/secure-front.ts';
import { json, query, status, until } from '../support/stack.ts';

/** The cluster that exists: another broker, behind a door that asks for a password. */
let cluster: SecureBroker;
let registry: Awaited<ReturnType<typeof startRegistry>>;
let lab: Workspace;
const password = 'correct-horse-battery';
const env = { CENTRAL_PASSWORD: password };

const topology = (central: string) => `
sites: { edge-1: , central: { engine: external, ${central} } }
topics:
  temperature-data: { partitions: 2, schema: TemperatureData, configs: { retention.ms: 3600000 } }
relays: { relay: }
sinks: { sink: }
`;
const settings = (sasl = 'password: { env: CENTRAL_PASSWORD }') =>
  `kafka: { brokers: [${cluster.brokers}], sasl: { mechanism: plain, username: dds, ${sasl} } }, registry: { url: '${registry.url}' }`;
const write = (text: string) => writeFileSync(join(lab.directory, 'dds.yaml'), text);
const dds = (line: string, input?: string) =>
  lab.dds(line.split(' '), { env, ...(input !== undefined && { input }) });

beforeAll(async () => {
  cluster = await startSecureBroker({ sasl: { users: { dds: password } } });
  registry = await startRegistry();
  lab = workspace();
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

test('what is wrong with the cluster is told in one line, and nothing is started', async () => {
  const central = settings();
  const cases = [
    [
      central.replace(cluster.brokers[0]!, '127.0.0.1:1'),
      'DDS_BROKER_UNREACHABLE',
      /central: broker 127\.0\.0\.1:1 /,
    ],
    [
      central.replace(registry.url, 'http://127.0.0.1:1'),
      'DDS_REGISTRY_UNREACHABLE',
      /central: the Schema Registry/,
    ],
    [central.replace('username: dds', 'username: eve'), 'DDS_AUTHENTICATION', /does not accept user eve/],
    [central.replace('sasl:', 'tls: {}, sasl:'), 'DDS_TLS', /does not speak TLS/],
    [central.replace('CENTRAL_PASSWORD', 'NOT_SET'), 'DDS_CREDENTIALS', /the variable NOT_SET/],
  ] as const;
  for (const [text, code, message] of cases) {
    write(topology(text));
    const result = await dds('up --ports auto');
    // What was found well may stand before it.
    const stderr = result.stderr.replace(/^central: .* answers.*\n/gm, '');
    expectError({ ...result, stderr }, code, message);
    expect(readdirSync(lab.directory)).toEqual(['dds.yaml']);
  }
});

test('dds doctor has a line for each part, with what to do', async () => {
  write(topology(settings().replace(registry.url, 'http://127.0.0.1:1')));
  const { code, stdout } = await dds('doctor');
  expect(code).toBe(3);
  expect(stdout).toMatch(/^ok +central Kafka +Kafka \S+ answers \(1 broker, PLAIN\)$/m);
  expect(stdout).toMatch(
    /^fail +central Schema Registry +the Schema Registry at http:\/\/127\.0\.0\.1:1 does not answer.*\n +Check its address/m,
  );
});

test('a mixed stack: jobs run, every command works, down leaves the cluster as it is', async () => {
  write(topology(settings()));
  const up = await dds('up --ports auto');
  expect(up).toMatchObject({ code: 0 });
  expect(up.stderr).toMatch(/central: Kafka \S+ answers \(1 broker, PLAIN\)/);
  expect(up.stderr).toMatch(/central: Schema Registry \S+ answers/);
  expect((await status(lab)).services.find(({ service }) => service === 'central/site')).toMatchObject({
    ...{ state: 'ready', pid: null, info: { external: true } },
  });

  const sent = 'simulate --site edge-1 --sensors 3 --count 60 --rate max --no-register';
  expect(await dds(sent)).toMatchObject({ code: 0 });
  const rows = () => query(lab, 'central', 'select count(*)::int as n from temperature_data');
  await until(rows, ([row]) => Number(row?.n) === 60);

  const reading = JSON.stringify({ sensor_id: 's', timestamp: 1, temperature: 20, unit: 'C' });
  for (const [line, input, seen] of [
    ['tail temperature-data --site central -n 3 -e --json', undefined, /"site":"central"/],
    ['topics describe temperature-data --site central', undefined, /3600000|1 h/],
    ['topics create own --site central --partitions 2', undefined, /own/],
    ['schemas list --site central', undefined, /temperature-data-value/],
    ['groups list --site central', undefined, /no consumer groups/],
    ['produce temperature-data --site central --key-field sensor_id', reading, /1/],
    ['simulate --site central --sensors 1 --count 5 --rate max', undefined, /5/],
    ['register device d --site central', undefined, /d/],
    ['registered --site central', undefined, /d/],
    ['env --site central', undefined, /DDS_ACCESS=.*CENTRAL_PASSWORD/],
    ['status', undefined, /engine embedded and external/],
    ['down --help', undefined, /down/],
  ] as [string, string | undefined, RegExp][]) {
    const { code, stdout, stderr } = await dds(line, input);
    expect(`${line} → ${code}\n${stdout}\n${stderr}`).toMatch(/ → 0\n/);
    expect(`${stdout}\n${stderr}`).toMatch(seen);
    expect(stdout + stderr).not.toContain(password);
  }
  await until(rows, ([row]) => Number(row?.n) === 66);
  expectError(
    await lab.dds(['tail', 'own', '--site', 'central', '-e']),
    'DDS_CREDENTIALS',
    /CENTRAL_PASSWORD/,
  );
  expectError(await dds('stop central/site'), 'DDS_UNKNOWN_SERVICE', /central\/site/);

  // The password is in no file of the stack, and in no command line.
  expect(filesWith(lab.directory, password)).toEqual([]);
  const { services, supervisorPid } = await json<StackStatus>(lab, ['status']);
  for (const pid of [supervisorPid, ...services.flatMap((one) => one.pid ?? [])])
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(password);

  expect(await dds('down')).toMatchObject({ code: 0 });
  write(topology(settings()).replace('3600000', '7200000').replace('partitions: 2', 'partitions: 4'));
  const again = await dds('up --ports auto');
  expect(again).toMatchObject({ code: 0 });
  expect(again.stderr).toMatch(
    /topic temperature-data is there with 2 partitions, not 4; retention\.ms 3600000, not 7200000: left as it is/,
  );
  // Asked for while the stack runs, it is done.
  write(topology(settings()).replace('3600000', '1800000').replace('partitions: 2', 'partitions: 5'));
  expect((await dds('up')).stderr).toMatch(/topic temperature-data of central/);
  const described = await dds('topics describe temperature-data --site central --json');
  expect(described.stdout).toContain('1800000');
}, 180_000);

function filesWith(directory: string, text: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text));
}
