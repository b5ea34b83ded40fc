import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProduceResult } from '../../src/runtime/data/produce/produce.ts';
import { type Workspace, workspace } from '../support/cli.ts';

let lab: Workspace;
const schema = {
  type: 'record',
  name: 'Everything',
  fields: [
    { name: 'text', type: 'string' },
    { name: 'count', type: 'long' },
    { name: 'ratio', type: ['null', 'double'], default: null },
    { name: 'blob', type: 'bytes' },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'more', type: { type: 'map', values: 'int' } },
    { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
  ],
};
const everything = { text: 'ü', count: 1, ratio: null, blob: 'AAEC', tags: ['x'], more: { a: 1 }, kind: 'B' };

beforeAll(async () => {
  lab = workspace();
  writeFileSync(join(lab.directory, 'everything.avsc'), JSON.stringify(schema));
  writeFileSync(
    join(lab.directory, 'dds.yaml'),
    'sites: { edge-1: , central: }\ntopics:\n  things: { partitions: 3, schema: ./everything.avsc }\n  plain: { partitions: 2 }\n',
  );
  expect(await lab.dds(['up', '--ports', 'auto'])).toMatchObject({ code: 0 });
});
afterAll(() => lab[Symbol.asyncDispose]());

/** `dds produce` with these lines on stdin. */
const produce = (lines: string[], ...args: string[]) =>
  lab.dds(['produce', ...args], { input: lines.join('\n') });
async function records(topic: string, site: string): Promise<Record<string, unknown>[]> {
  const { stdout } = await lab.dds(['tail', topic, '-s', site, '--from', 'oldest', '-e', '--json']);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

test('every kind of value comes back as it was given', async () => {
  const long = '{"text":"big","count":9007199254740993,"ratio":0.5,"blob":"","tags":[],"more":{},"kind":"A"}';
  const sent = await produce(
    [JSON.stringify(everything), '', long],
    ...[
      'things',
      '--key-field',
      'text',
      '-H',
      'source=test',
      '--timestamp',
      '@5000',
      '-s',
      'edge-1',
      '--json',
    ],
  );
  expect(sent, sent.stderr).toMatchObject({ code: 0 });
  const result = JSON.parse(sent.stdout) as ProduceResult;
  expect(result).toEqual({
    lines: 2,
    sent: 2,
    skipped: 0,
    dryRun: false,
    sites: [{ site: 'edge-1', sent: 2 }],
  });
  const back = await records('things', 'edge-1');
  expect(back.map(({ key }) => key).sort()).toEqual(['big', 'ü']);
  expect(back.find(({ key }) => key === 'ü')).toMatchObject({
    ...{ ts: 5000, value: everything, headers: { source: 'test' } },
  });
  expect(back.find(({ key }) => key === 'big')?.value).toMatchObject({
    count: '9007199254740993',
    ratio: 0.5,
  });
});

test('what tail prints is what produce takes', async () => {
  const lines = ['{"a":12345678901234567890}', '"text"', 'null', '[1,2]', '0.1234567890123456789'];
  await produce(lines, 'plain', '-k', 'k1', '-s', 'edge-1');
  await produce(['raw \t line', '{"not":json'], 'plain', '--text', '-p', '1', '-s', 'edge-1');
  const before = await records('*', 'edge-1');
  expect(before.length).toBeGreaterThan(6);
  const copied = await produce(
    before.map((record) => JSON.stringify(record)),
    '-',
    '-s',
    'central',
  );
  expect(copied, copied.stderr).toMatchObject({ code: 0 });
  const comparable = (list: Record<string, unknown>[]) =>
    list.map(({ site, ...rest }) => JSON.stringify(rest)).sort();
  expect(comparable(await records('*', 'central'))).toEqual(comparable(before));
});

test('a round trip through the shell keeps every digit', async () => {
  const { stdout } = await lab.dds(['tail', 'plain', '-s', 'edge-1', '--from', 'oldest', '-e', '--json']);
  expect(stdout).toContain('{"a":12345678901234567890}');
  const sent = await produce(stdout.trim().split('\n'), '-', '-s', 'edge-1');
  expect(sent.code).toBe(0);
  const twice = await lab.dds(['tail', 'plain', '-s', 'edge-1', '--from', 'oldest', '-e', '--json']);
  expect(twice.stdout.match(/\{"a":12345678901234567890\}/g)).toHaveLength(2);
});

test.each([
  ['{"text":1,', /stdin:2: not JSON: /],
  [JSON.stringify({ ...everything, count: 'many' }), /stdin:2: count is "many", not a number/],
  [JSON.stringify({ ...everything, kind: 'C' }), /stdin:2: kind is "C", not one of A, B/],
  [
    JSON.stringify({ ...everything, colour: 'red' }),
    /stdin:2: colour is not a field of things-value version 1/,
  ],
  ['{"text":"x"}', /stdin:2: count is missing, not a number/],
])('a bad line is named, and nothing after it is sent: %s', async (line, message) => {
  const before = (await records('things', 'central')).length;
  const good = JSON.stringify(everything);
  const refused = await produce([good, line, good, good], 'things', '-s', 'central');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(message);
  expect(refused.stderr).toContain('What stands before it was sent (1)');
  expect(await records('things', 'central')).toHaveLength(before + 1);
});

test('--skip-bad leaves bad lines out, --dry-run sends nothing', async () => {
  const before = (await records('things', 'edge-1')).length;
  const good = JSON.stringify(everything);
  const dry = await produce([good, good], 'things', '-s', 'all', '--dry-run', '--json');
  expect(JSON.parse(dry.stdout)).toMatchObject({ sent: 4, dryRun: true });
  expect(await records('things', 'edge-1')).toHaveLength(before);
  const skipping = await produce([good, '{}', good], 'things', '-s', 'edge-1', '--skip-bad', '--json');
  expect(JSON.parse(skipping.stdout)).toMatchObject({ sent: 2, skipped: 1, lines: 3 });
  expect(skipping.stderr).toContain('stdin:2: text is missing');
  expect(await records('things', 'edge-1')).toHaveLength(before + 2);
});

test.each([
  [['nowhere', '-s', 'edge-1'], 'DDS_UNKNOWN_TOPIC', 'there is no topic nowhere at edge-1'],
  [['plain'], 'DDS_USAGE', 'there are 2 sites: say at which'],
  [
    ['plain', 'missing.ndjson', '-s', 'edge-1'],
    'DDS_FILE_UNREADABLE',
    'missing.ndjson: there is no such file',
  ],
  [['-', '--key', 'x'], 'DDS_USAGE', '--key is for values'],
  [['plain', '-p', '7', '-s', 'edge-1'], 'DDS_INPUT_INVALID', 'partition is 7, and plain at edge-1 has 2'],
])('dds produce %j: %s', async (args, code, message) => {
  const refused = await produce(['1'], ...args);
  expect(refused.stderr).toContain(message);
  expect(refused.stderr).toContain(code);
});
