import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKafka, type Kafka } from '../../src/runtime/kafka/index.ts';
import { avroType, createRegistryClient, encodeWire, thesisSchema } from '../../src/runtime/serde/index.ts';
import { type Workspace, workspace } from '../support/cli.ts';
import { status } from '../support/stack.ts';

let lab: Workspace;
let kafka: Kafka;

beforeAll(async () => {
  lab = workspace();
  const text =
    'sites: { edge-1: , central: }\ntopics:\n  temps: { partitions: 2, schema: TemperatureData }\n  notes: {}\n';
  writeFileSync(join(lab.directory, 'dds.yaml'), text);
  expect(await lab.dds(['up', '--ports', 'auto'])).toMatchObject({ code: 0 });
  const [edge] = (await status(lab)).sites;
  kafka = createKafka({ brokers: edge!.brokers, clientId: 'test' });
  const schema = thesisSchema('TemperatureData');
  const id = await createRegistryClient(edge!.registryUrl).register('temps-value', schema);
  const type = avroType(schema);
  const producer = kafka.producer();
  await producer.start();
  for (let i = 0; i < 100; i++) {
    const value = { sensor_id: `s-${i}`, timestamp: i, temperature: i / 2, unit: 'C' };
    producer.append('temps', i % 2, Buffer.from(`s-${i}`), encodeWire(id, type, value), 1000 + i, null, 0);
  }
  producer.append('temps', 0, Buffer.from('bad'), Buffer.from([9, 9, 9]), 2000, null, 0);
  const headers = [{ key: 'source', value: Buffer.from('plant-7') }];
  producer.append('notes', 0, null, Buffer.from('{"text":"hello\\tworld","n":3}'), 1000, headers, 0);
  producer.append('notes', 0, Buffer.from('k'), Buffer.from('plain'), 1001, null, 0);
  await producer.flush();
});
afterAll(async () => {
  await kafka.close();
  await lab[Symbol.asyncDispose]();
});

const tail = (...args: string[]) => lab.dds(['tail', ...args, '-s', 'edge-1']);
async function values(...args: string[]): Promise<unknown[]> {
  const { stdout, code } = await tail(...args, '--from', 'oldest', '-e');
  expect(code).toBe(0);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).value);
}

test.each([
  [
    ['temps', '--where', 'value.temperature > 48.5 && site == "edge-1"'],
    ['s-98', 's-99'],
  ],
  [['temps', '--where', 'offset == 3 && partition == 1'], ['s-7']],
  [
    ['temps', '--key', 's-9?', '--where', 'value.temperature < 45.6'],
    ['s-90', 's-91'],
  ],
  [['temps', '--key', '/^s-1$/'], ['s-1']],
  [['temps', '--grep', '"sensor_id":"s-4\\d"', '--grep-v', '4[0-8]'], ['s-49']],
])('%j finds its records', async (args, sensors) => {
  const found = (await values(...args)) as { sensor_id: string }[];
  expect(found.map(({ sensor_id }) => sensor_id).sort()).toEqual(sensors);
});

test('headers are a filter, a pattern of the topic and a place in the expression', async () => {
  const noted = { text: 'hello\tworld', n: 3 };
  expect(await values('notes', '--header', 'source=plant-*')).toEqual([noted]);
  expect(await values('notes', '--header', 'source=edge-*')).toEqual([]);
  expect(await values('notes', '--where', 'headers.source == "plant-7"')).toEqual([noted]);
  expect(await values('notes', '--grep', 'plant-7')).toEqual([noted]);
});

test('the summary says how many were looked at, and an undecodable record counts', async () => {
  const result = await tail('temps', '--key', 's-42', '--from', 'oldest', '-e');
  expect(result.stderr).toContain('1 of 101 records matched');
  const strict = await tail('temps', '--grep', 's-42', '--from', 'oldest', '-e', '--strict');
  expect(strict).toMatchObject({ code: 5 });
  expect(strict.stdout.trim().split('\n')).toHaveLength(1);
});

test('-n takes the last that match, however far back they are', async () => {
  const { stdout } = await tail('temps', '--where', 'value.temperature < 2.0', '-n', '2', '-e');
  const sensors = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).value.sensor_id);
  expect(sensors).toEqual(['s-2', 's-3']);
});

test('-f prints what its tokens say', async () => {
  const format = '%t/%p@%o %k %K %S %T %{site} %{value.n}|%{value.none} %d{iso} %h %% \\x41\\t%s\\n';
  const { stdout } = await tail('notes', '-f', format, '--from', 'oldest', '-e');
  const time = (ms: number) => new Date(ms).toISOString();
  expect(stdout).toBe(
    `notes/0@0  -1 29 1000 edge-1 3| ${time(1000)} source=plant-7 % A\t{"text":"hello\\tworld","n":3}\n` +
      `notes/0@1 k 1 5 1001 edge-1 | ${time(1001)}  % A\tplain\n`,
  );
});

test('--idle-timeout ends a tail that nothing comes to', async () => {
  const result = await tail('notes', '--from', 'oldest', '--idle-timeout', '300ms');
  expect(result.code).toBe(0);
  expect(result.stdout.trim().split('\n')).toHaveLength(2);
});

test('-g tells the lag of a group and does not join it', async () => {
  const assign = async (members: readonly { memberId: string }[]) =>
    new Map(members.map(({ memberId }) => [memberId, { partitions: [] }]));
  const assignor = { name: 'none', userData: () => Buffer.alloc(0), assign };
  const group = kafka.group({ groupId: 'readers', topics: ['temps'], assignor });
  await group.join(AbortSignal.timeout(10_000));
  await group.commit([0, 1].map((partition) => ({ topic: 'temps', partition, offset: 40, metadata: '' })));
  await group.leave();
  const { stderr } = await tail('notes', '-g', 'readers', '--from', 'oldest', '-e');
  expect(stderr).toContain('group readers: temps at edge-1 21 behind');
  expect((await tail('notes', '-g', 'nobody', '-e')).stderr).toContain('group nobody: no such group');
});

test.each([
  [['--where', 'value.temperature >'], /--where value.temperature >: Unexpected token: EOF at character 20/],
  [['--where', 'temperature > 3'], /--where temperature > 3: .*[Uu]nknown variable.*temperature/],
  [['--grep', '('], /--grep \( is not a valid regular expression/],
  [['--header', 'source'], /--header source is not NAME=GLOB/],
  [['-f', '%q'], /--format %q: %q is not a token/],
  [['-f', '%{valu.x}'], /%\{valu\.x\} is not a token; it begins with one of site/],
  [['--idle-timeout', 'soon'], /--idle-timeout soon/],
])('%j is refused in one line', async (args, message) => {
  const result = await tail('temps', ...args);
  expect(result.code).toBe(2);
  expect(result.stderr).toMatch(message);
  expect(result.stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
});

test('an expression that cannot be computed is told once and takes no record', async () => {
  const result = await tail('temps', '--where', 'value.temperature + 1 > 3.0', '--from', 'oldest', '-e');
  expect(result.stdout).toBe('');
  expect(result.stderr.match(/no such overload/g)).toHaveLength(1);
});
