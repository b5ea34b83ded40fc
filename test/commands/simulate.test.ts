import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKafka, type Kafka } from '../../src/runtime/kafka/index.ts';
import type { SimulationResult } from '../../src/runtime/simulator/result.ts';
import { type Workspace, workspace } from '../support/cli.ts';
import { json, status, until } from '../support/stack.ts';

const topology = `
sites: { edge-1: , central: }
topics:
  temperature-data: { partitions: 4, schema: TemperatureData }
  device-registration: { schema: DeviceRegistration }
  sensor-registration: { schema: SensorRegistration }
  sensor-type-registration: { schema: SensorTypeRegistration }
`;
const escapeCode = String.fromCharCode(27);

let lab: Workspace;
let kafka: Kafka;

beforeAll(async () => {
  lab = workspace();
  writeFileSync(join(lab.directory, 'dds.yaml'), topology);
  expect(await lab.dds(['up', '--ports', 'auto'])).toMatchObject({ code: 0 });
  const edge = (await status(lab)).sites.find(({ site }) => site === 'edge-1')!;
  kafka = createKafka({ brokers: edge.brokers, clientId: 'test' });
});
afterAll(async () => {
  await kafka?.close();
  await lab?.[Symbol.asyncDispose]();
});

/** Records in a topic of edge-1. */
async function stored(topic: string): Promise<number> {
  const [description] = await kafka.admin().describeTopics([topic]);
  const partitions = description!.partitions.map(({ partition }) => ({ topic, partition }));
  return (await kafka.admin().offsets(partitions, 'latest')).reduce((sum, end) => sum + end, 0);
}

test('sends a load to the edge, registers its fleet, and prints one JSON value', async () => {
  const before = await stored('temperature-data');
  const registered = await stored('sensor-registration');
  const args = ['simulate', '--rate', '500', '--count', '500', '--sensors', '20', '--seed', '7'];
  const run = await lab.dds([...args, '--json']);
  expect(run.stderr).not.toContain(escapeCode);
  // A busy machine may miss the rate; then the result is printed all the same.
  const result = JSON.parse(run.stdout) as SimulationResult;
  expect(run.code).toBe(result.verdict === 'VALID' ? 0 : 4);
  expect(result).toMatchObject({ target: 500, sent: 500, acked: 500, failed: 0, seed: 7, sensors: 20 });
  expect(result.sites).toEqual({ 'edge-1': { sensors: 20, sent: 500, acked: 500, failed: 0 } });
  expect(await stored('temperature-data')).toBe(before + 500);
  expect(await stored('sensor-registration')).toBe(registered + 20);
});

test('off a terminal it is silent until the summary', async () => {
  const run = await lab.dds(['simulate', '--rate', 'max', '--count', '300', '--no-register']);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).not.toContain(escapeCode);
  expect(run.stdout).toMatch(/^10 sensors for .* target max, .*VALID$/m);
  expect(run.stdout).toMatch(/^edge-1 +10 +300 +300 +0$/m);
});

test('Ctrl-C ends a run without an end: it drains, sums up and exits with 130', async () => {
  const before = await stored('temperature-data');
  const run = lab.start(['simulate', '--rate', '200', '--no-register', '--json']);
  await until(
    () => stored('temperature-data'),
    (now) => now > before,
  );
  run.kill('SIGINT');
  const { code, stdout } = await run.result;
  const result = JSON.parse(stdout) as SimulationResult;
  expect(code).toBe(130);
  expect(result).toMatchObject({ interrupted: true, failed: 0 });
  expect(await stored('temperature-data')).toBe(before + result.acked);
});

describe('a replay', () => {
  const write = (name: string, text: string) => writeFileSync(join(lab.directory, name), text);
  const map = ['--map', 'sensor_id=place,timestamp=day,temperature=warm'];

  test('sends the rows that --filter leaves', async () => {
    write('good.csv', 'place,day,warm\nA,2012-01-01,1\nB,2012-01-01,2\nA,2012-01-02,3\n');
    const before = await stored('temperature-data');
    const args = ['simulate', '--replay', 'good.csv', ...map, '--filter', 'place=A', '--speed', 'max'];
    expect(await json<SimulationResult>(lab, args)).toMatchObject({ target: null, acked: 2, seed: null });
    expect(await stored('temperature-data')).toBe(before + 2);
  });

  test.each([
    [
      'a bad number',
      'place,day,warm\nA,2012-01-01,1\nA,2012-01-02,hot\n',
      'bad.csv:3: column warm is "hot", not a number',
    ],
    ['a missing column', 'place,day\nA,2012-01-01\n', 'bad.csv:1: there is no column warm'],
  ])('of a file with %s sends nothing', async (_, text, message) => {
    write('bad.csv', text);
    const before = await stored('temperature-data');
    const run = await lab.dds(['simulate', '--replay', 'bad.csv', ...map, '--speed', 'max']);
    expect(run).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`error: ${message}\n`),
    });
    expect(await stored('temperature-data')).toBe(before);
  });
});

test.each([
  [['--rate', '-1'], 2, '--rate -1 is not allowed'],
  [['--rate', 'abc'], 2, '--rate abc is not allowed'],
  [['--duration', '5 sec'], 2, '--duration 5 sec is not allowed'],
  [['--unit', 'R'], 2, 'R'],
  [['--site', 'edge-9'], 2, 'no site "edge-9"'],
  [['--stack', 'other'], 3, 'the stack "other" is not running here'],
])('%j ends with one line and exit code %i', async (flags, code, message) => {
  const run = await lab.dds(['simulate', ...flags]);
  expect(run).toMatchObject({ code, stdout: '' });
  expect(run.stderr.split('\n')[0]).toContain(message);
  expect(run.stderr.trimEnd().split('\n')).toHaveLength(2);
});
