import { join } from 'node:path';
import { expect } from 'vitest';
import type { Workspace } from './cli.ts';
import { until } from './stack.ts';

/** Every template that makes a project, and a project of each. */
export const templates = [
  { kind: 'stream', template: 'reverse' },
  { kind: 'stream', template: 'threshold' },
  { kind: 'stream', template: 'enrich' },
  { kind: 'stream', template: 'window' },
  { kind: 'consumer', template: 'basic' },
  { kind: 'producer', template: 'basic', flags: ['--topic', 'rooms'] },
].map((one) => ({ flags: [], ...one, name: `${one.template}-${one.kind}` }));

/** One site, and the topics that are there before the projects add theirs. */
export const plant = `sites: { edge-1: { store: none } }
topics:
  temperature-data: { partitions: 4, schema: TemperatureData }
  sensor-registration: { schema: SensorRegistration, configs: { cleanup.policy: compact } }
  device-registration: { schema: DeviceRegistration, configs: { cleanup.policy: compact } }
  sensor-type-registration: { schema: SensorTypeRegistration, configs: { cleanup.policy: compact } }
`;

export const projectOf = (space: Workspace, name: string): string => join(space.directory, name);

/** Runs dds to its end; fails with what it said when that is not 0. */
export async function dds(space: Workspace, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await space.dds(args, { timeoutMs: 120_000 });
  if (code !== 0) throw new Error(`dds ${args.join(' ')} → ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

/** What enrich joins readings with. A job that starts has read all of it before its first reading. */
export async function registerSensor(space: Workspace): Promise<void> {
  await dds(space, 'register', 'device', 'oven', '--name', 'Oven', '--location', 'Hall 3');
  await dds(space, 'register', 'sensor-type', 'hot', '--name', 'Thermocouple', '--unit', 'C');
  const sensor = ['--name', 'Inside', '--device', 'oven', '--type', 'hot'];
  await dds(space, 'register', 'sensor', 's1', ...sensor);
}

interface Tailed {
  key: string;
  value: Record<string, unknown>;
  headers?: Record<string, unknown>;
}

/** Sends records to the running projects; passes when each has made of them what its template is for. */
export async function expectAllWork(space: Workspace, readArchive: () => string): Promise<void> {
  const records = async (topic: string, count: number): Promise<Tailed[]> =>
    until(
      async () => jsonLines(await dds(space, 'tail', topic, '--from', 'oldest', '-e', '--json')) as Tailed[],
      (found) => found.length >= count,
    ).catch((error) => {
      throw new Error(`${topic}: ${error.message}`);
    });
  const produce = async (args: string[], ...values: unknown[]) => {
    const input = values.map((value) => `${JSON.stringify(value)}\n`).join('');
    const { code, stderr } = await space.dds(['produce', ...args], { input });
    if (code !== 0) throw new Error(`dds produce ${args.join(' ')} → ${code}\n${stderr}`);
  };

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
  const rows = await until(
    async () => jsonLines(readArchive()) as { temperature: number }[],
    ({ length }) => length >= 5,
  );
  expect(rows.map(({ temperature }) => temperature)).toEqual([20, 35, 40, 20, 21]);
  const rooms = await records('rooms', 3);
  expect(new Set(rooms.map(({ key }) => key))).toContain('edge-1-room-3');
}

const jsonLines = (text: string): unknown[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
