import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKafka, type Kafka } from '../../src/runtime/kafka/index.ts';
import type { SimulationResult } from '../../src/runtime/simulator/result.ts';
import { type Workspace, workspace } from '../support/cli.ts';
import { json, status, until } from '../support/stack.ts';

const topology = `
sites: { edge-1: }
topics:
  temperature-data: { partitions: 4, schema: TemperatureData }
  machines: { partitions: 2 }
  fleet-data: { schema: ./machine.avsc }
fleets:
  plant: { topic: fleet-data, rate: 50, sensors: 5, fields: { power: 'walk(min=0,max=5)' }, faults: { drop: 10% } }
`;
const schema = JSON.stringify({
  type: 'record',
  name: 'Machine',
  fields: [
    { name: 'machine_id', type: 'string' },
    { name: 'ts', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'power', type: 'double' },
  ],
});

let lab: Workspace;
let kafka: Kafka;

beforeAll(async () => {
  lab = workspace();
  writeFileSync(join(lab.directory, 'dds.yaml'), topology);
  writeFileSync(join(lab.directory, 'machine.avsc'), schema);
  expect(await lab.dds(['up', '--ports', 'auto'])).toMatchObject({ code: 0 });
  kafka = createKafka({ brokers: (await status(lab)).sites[0]!.brokers, clientId: 'test' });
});
afterAll(async () => {
  await kafka?.close();
  await lab?.[Symbol.asyncDispose]();
});

async function stored(topic: string): Promise<number> {
  const [description] = await kafka.admin().describeTopics([topic]);
  const partitions = description!.partitions.map(({ partition }) => ({ topic, partition }));
  return (await kafka.admin().offsets(partitions, 'latest')).reduce((sum, end) => sum + end, 0);
}

test('a schema of the user is registered and its records sent; then it is known by its topic', async () => {
  const args = ['simulate', '--topic', 'machines', '--rate', 'max', '--count', '200', '--seed', '3'];
  const missing = await lab.dds(args);
  expect(missing).toMatchObject({ code: 2, stdout: '' });
  expect(missing.stderr).toContain('edge-1 has no schema for the topic machines');
  const first = await json<SimulationResult>(lab, [...args, '--schema', 'machine.avsc']);
  expect(first).toMatchObject({ sent: 200, acked: 200, failed: 0, injected: null });
  expect(await json<SimulationResult>(lab, args)).toMatchObject({ acked: 200 });
  expect(await stored('machines')).toBe(400);
});

test('what was injected explains every message that is missing or there twice', async () => {
  const before = await stored('machines');
  const faults = ['--drop', '10%', '--duplicate', '5%', '--out-of-order', '5%', '--offline', '5%:1s'];
  const args = ['simulate', '--topic', 'machines', '--backfill', '100s', '--rate', '20', '--seed', '4'];
  const result = await json<SimulationResult>(lab, [
    ...args,
    ...faults,
    '--late',
    '5%:30s',
    '--anomaly',
    '1%',
  ]);
  const injected = result.injected!;
  for (const count of Object.values(injected)) expect(count).toBeGreaterThan(0);
  expect(result.acked).toBe(2000 - injected.dropped - injected.offline + injected.duplicated);
  expect((await stored('machines')) - before).toBe(result.acked);
});

test.each([
  [['--topic', 'nowhere', '--schema', 'machine.avsc'], 2, 'edge-1 has no topic nowhere'],
  [['--topic', 'machines', '--schema', 'none.avsc'], 2, 'schema none.avsc cannot be read'],
  [['--schema', 'machine.avsc', '--field', 'pwr=walk()'], 2, 'the schema has no field pwr'],
  [['--topic', 'machines', '--base', '20'], 2, '--base is for temperatures'],
  [['--drop', 'x'], 2, '--drop x is not allowed'],
  [['--backfill', '1h', '--duration', '5s'], 2, '--backfill and --duration exclude each other'],
])('%j ends with one line and exit code %i', async (flags, code, message) => {
  const run = await lab.dds(['simulate', ...flags]);
  expect(run).toMatchObject({ code, stdout: '' });
  expect(run.stderr.split('\n')[0]).toContain(message);
});

test('JSON lines become records of the schema that the topic has; a bad line sends nothing', async () => {
  const line = (power: unknown) => JSON.stringify({ machine_id: 'm', ts: '2024-05-01T00:00:00Z', power });
  writeFileSync(join(lab.directory, 'good.ndjson'), `${line(1)}\n${line('2.5')}\n`);
  writeFileSync(join(lab.directory, 'bad.ndjson'), `${line(1)}\n${line('hot')}\n`);
  const before = await stored('machines');
  const replay = (file: string) => ['simulate', '--topic', 'machines', '--replay', file, '--speed', 'max'];
  const bad = await lab.dds(replay('bad.ndjson'));
  expect(bad).toMatchObject({ code: 2, stdout: '' });
  expect(bad.stderr).toContain('error: bad.ndjson:2: power is "hot", not a number\n');
  expect(await stored('machines')).toBe(before);
  expect(await json<SimulationResult>(lab, replay('good.ndjson'))).toMatchObject({ acked: 2, failed: 0 });
});

test('a fleet of dds.yaml sends from the start, shows in status and outlives its site', async () => {
  interface Info {
    sent: number;
    acked: number;
    injected: { dropped: number };
  }
  const fleet = async () => (await status(lab)).services.find(({ service }) => service === 'edge-1/plant')!;
  const info = async () => (await fleet()).info as Info;
  await until(info, ({ acked }) => acked > 20);
  expect(await fleet()).toMatchObject({ kind: 'fleet', state: 'ready', restarts: 0 });
  const site = (await status(lab)).services.find(({ kind }) => kind === 'site')!;
  process.kill(site.pid!, 'SIGKILL');
  await until(
    async () => (await status(lab)).services.find(({ kind }) => kind === 'site')!,
    ({ state, pid }) => state === 'ready' && pid !== site.pid,
  );
  const { acked } = await info();
  await until(info, (now) => now.acked > acked + 50);
  expect(await fleet()).toMatchObject({ state: 'ready', restarts: 0 });
  expect((await lab.dds(['status'])).stdout).toMatch(/edge-1\/plant .*\d sent/);
});
