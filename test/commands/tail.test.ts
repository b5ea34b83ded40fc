import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKafka, type Kafka } from '../../src/runtime/kafka/index.ts';
import { avroType, createRegistryClient, encodeWire, thesisSchema } from '../../src/runtime/serde/index.ts';
import { launcher, runDds, type Workspace, workspace } from '../support/cli.ts';
import { status } from '../support/stack.ts';

const run = promisify(execFile);
const topology = `
sites: { edge-1: , central: }
topics:
  temperature-data: { partitions: 2, schema: TemperatureData }
  junk: { schema: TemperatureData }
`;
const measured = { sensor_id: 's-1', timestamp: 5, temperature: 21.5, unit: 'C' };
const many = 20_000;
const escapes = String.fromCharCode(27, 0x9b, 7);

let lab: Workspace;
let kafka: Kafka;

beforeAll(async () => {
  lab = workspace();
  writeFileSync(join(lab.directory, 'dds.yaml'), topology);
  const up = await lab.dds(['up', '--ports', 'auto']);
  expect(up).toMatchObject({ code: 0 });
  const [edge] = (await status(lab)).sites;
  kafka = createKafka({ brokers: edge!.brokers, clientId: 'test' });
  const schema = thesisSchema('TemperatureData');
  const id = await createRegistryClient(edge!.registryUrl).register('temperature-data-value', schema);
  const type = avroType(schema);
  const producer = kafka.producer();
  await producer.start();
  for (let i = 0; i < many; i++) {
    const value = encodeWire(id, type, { ...measured, timestamp: i });
    producer.append('temperature-data', i % 2, Buffer.from('s-1'), value, 1000 + i, null, 0);
  }
  producer.append('junk', 0, Buffer.from(`k${escapes}`), Buffer.from(`v${escapes}`), 1000, null, 0);
  await producer.flush();
});
afterAll(async () => {
  await kafka.close();
  await lab[Symbol.asyncDispose]();
});

const dds = (...args: string[]) => lab.dds(['tail', ...args]);
/** The same on a terminal, whatever the test's own environment says of colours. */
async function terminal(args: string): Promise<string> {
  const { NO_COLOR, FORCE_COLOR, ...env } = process.env;
  const options = { cwd: lab.directory, env: { ...env, TERM: 'xterm' } };
  return (await run('script', ['-qec', command(args), '/dev/null'], options)).stdout;
}
const command = (args: string) => `'${process.execPath}' '${launcher}' tail ${args}`;

test('in a pipe it prints one JSON object a line', async () => {
  const result = await dds('temperature-*', '-s', 'edge-1', '-e');
  expect(result).toMatchObject({ code: 0, stderr: '' });
  const lines = result.stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(many);
  const records = lines.map((line) => JSON.parse(line));
  for (const partition of [0, 1]) {
    const own = records.filter((record) => record.partition === partition);
    expect(own.map(({ offset }) => offset)).toEqual(own.map((_, i) => i));
    expect(own.map(({ value }) => value.timestamp)).toEqual(own.map((_, i) => 2 * i + partition));
  }
  expect(records[0]).toEqual({
    ...{ site: 'edge-1', topic: 'temperature-data', partition: 0, offset: 0, ts: 1000, key: 's-1' },
    value: { ...measured, timestamp: 0 },
  });
});

test('on a terminal it prints lines, in colour unless told otherwise', async () => {
  const coloured = await terminal('temperature-data -n 1 -e');
  expect(coloured).toContain(`${String.fromCharCode(27)}[`);
  const plain = await terminal('temperature-data -n 1 -e --no-color');
  expect(plain).toMatch(
    /^1970-01-01 \d\d:\d\d:20\.999 edge-1 temperature-data\/1@9999 s-1 \{"sensor_id":"s-1".*\}\r\n1 record of 1 topic at 2 sites\r\n$/,
  );
});

test('a payload never steers the terminal, and nothing colours a pipe', async () => {
  const control = /[\p{Cc}]/u;
  const shown = await terminal('junk -e --no-color');
  expect(shown.replace(/\r\n/g, '')).not.toMatch(control);
  const piped = await runDds(['tail', 'junk', '-e'], { cwd: lab.directory, env: { FORCE_COLOR: '1' } });
  expect(piped.stdout.trimEnd()).not.toMatch(control);
  expect(JSON.parse(piped.stdout)).toMatchObject({ key: `k${escapes}`, valueB64: expect.any(String) });
  expect(piped.stderr).toBe('1 of 1 records could not be decoded\n');
});

test('--strict ends with 5 when a record could not be decoded', async () => {
  expect(await dds('junk', '-e', '--strict')).toMatchObject({ code: 5 });
  expect(await dds('temperature-data', '-e', '--strict', '-c', '3')).toMatchObject({ code: 0, stderr: '' });
});

test('head ends it at once, quietly', async () => {
  const script = `${command('temperature-data -o oldest')} | head -3; echo "codes \${PIPESTATUS[@]}"`;
  const { stdout, stderr } = await run('bash', ['-c', script], { cwd: lab.directory, timeout: 20_000 });
  expect(stderr).toBe('');
  expect(stdout.trimEnd().split('\n')).toHaveLength(4);
  expect(stdout).toMatch(/\ncodes 0 0\n$/);
});

test('Ctrl-C ends a live tail with a summary', async () => {
  const live = lab.start(['tail', 'temperature-data', '-n', '2']);
  await live.seen(/"offset":9999.*\n/);
  live.kill('SIGINT');
  const result = await live.result;
  expect(result).toMatchObject({ code: 130, stderr: '2 records of 1 topic at 2 sites\n' });
});

test.each([
  [[], '--live needs a terminal on stdin and stdout'],
  [['-e'], '--live and --exit-at-end exclude each other'],
  [['--json'], '--live and --json exclude each other'],
])('--live with %j is refused', async (args, message) => {
  const { code, stdout, stderr } = await dds('--live', ...args);
  expect({ code, stdout, told: args.includes('--json') ? stdout : stderr }).toMatchObject({
    code: 2,
    told: expect.stringContaining(message),
  });
});

test.each([
  [['temprature-data'], 2, 'there is no topic temprature-data at any of edge-1, central'],
  [['-s', 'edge-7'], 2, 'no site "edge-7" in this stack'],
  [['-o', 'soon'], 2, '--from soon is not a position'],
  [['-o', '-5x'], 2, '--from -5x is not a position'],
  [['-p', 'x'], 2, '--partition x is not a partition'],
  [['temperature-data', '-p', '2'], 2, 'temperature-data has the partitions 0 to 1, not 2'],
  [['-c', '0'], 2, '--count'],
  [['-n', '2', '-o', '3'], 2, '--last'],
  [['--bogus'], 2, '--bogus'],
  [['--stack', 'other'], 3, 'the stack "other" is not running here'],
])('%j ends with %i', async (args, code, message) => {
  const text = await dds(...args);
  expect(text).toMatchObject({ code, stdout: '' });
  expect(text.stderr).toContain(message);
  const json = await dds(...args, '--json');
  expect(json.code).toBe(code);
  expect(JSON.parse(json.stdout).error.message).toContain(message);
});
