import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launcher, type Workspace, workspace } from '../support/cli.ts';
import { expectRefusal } from '../support/honesty.ts';
import { json, query, status, until } from '../support/stack.ts';

const endless =
  'SELECT count(*) FROM range(100000) a, range(100000) b, range(1000) c WHERE a.range * b.range = c.range';
let lab: Workspace;
beforeAll(async () => {
  lab = workspace();
  expect(await lab.dds(['up', '--sites', '2', '--ports', 'auto'])).toMatchObject({ code: 0 });
  const load = ['simulate', '--count', '300', '--rate', 'max', '--site', 'edge-1'];
  expect(await lab.dds(load)).toMatchObject({ code: 0 });
  const rows = (site: string) => () =>
    query(lab, site, 'SELECT count(*)::INT AS n FROM temperature_data').catch(() => []);
  for (const site of ['edge-1', 'central']) await until(rows(site), ([row]) => row?.n === 300);
});
afterAll(() => lab[Symbol.asyncDispose]());

test('a statement is an argument of any form, a file, or stdin', async () => {
  writeFileSync(join(lab.directory, 'q.sql'), '-- how many\nSELECT count(*) AS n\nFROM temperature_data;\n');
  const answers = await Promise.all([
    lab.dds(['query', 'select count(*) as n from temperature_data']),
    lab.dds(['query', '--site', 'central', 'SELECT count(*) AS n FROM temperature_data']),
    lab.dds(['query', '--file', 'q.sql']),
    lab.dds(['query', '-f', '-'], { input: 'SELECT count(*) AS n FROM temperature_data' }),
  ]);
  for (const answer of answers) {
    expect(answer).toMatchObject({ code: 0, stdout: '  n\n300\n', stderr: '1 row from central\n' });
  }
  await expectRefusal(lab, ['query', 'x', '--file', 'q.sql'], 'DDS_USAGE', 'exclude each other');
  await expectRefusal(lab, ['query', '--file', 'no.sql'], 'DDS_FILE_UNREADABLE', 'cannot read no.sql');
});

test('count tells rows, and how many differ, of one site or all', async () => {
  const args = ['query', 'count', 'temperature_data', '--all-sites', '--distinct', 'site'];
  expect(await lab.dds(args)).toMatchObject({
    code: 0,
    stdout:
      'site     rows  distinct\nedge-1    300         1\nedge-2      0         0\ncentral   300         1\n',
  });
  expect(await json(lab, ['query', 'count', 'no_such_table'])).toEqual({
    table: 'no_such_table',
    sites: [{ site: 'central', rows: 0, distinct: 0 }],
  });
  await expectRefusal(
    lab,
    ['query', 'count', 'temperature_data', '--distinct', 'nope'],
    'DDS_SQL',
    'Referenced column "nope" not found',
  );
});

test('parameters', async () => {
  const sql = 'SELECT $text AS t, $n + 1 AS n, count(*) FROM temperature_data WHERE site = $site';
  const args = ['query', sql, '--param', "text=it's", '--param', 'n=9007199254740993', '-p', 'site=edge-1'];
  expect((await json<{ rows: unknown }>(lab, args)).rows).toEqual([["it's", '9007199254740994', 300]]);
  const positional = ['query', 'SELECT range FROM range(10) LIMIT ? OFFSET ?', '-p', '2', '-p', '3', '--csv'];
  expect(await lab.dds(positional)).toMatchObject({ code: 0, stdout: 'range\r\n3\r\n4\r\n', stderr: '' });
  await expectRefusal(lab, ['query', 'SELECT $a'], 'DDS_SQL', 'the parameter $a has no value');
});

test('rows are limited on the screen, and told of', async () => {
  const sql = 'FROM range(20001) t(n)';
  const shown = await lab.dds(['query', sql]);
  expect(shown.stdout.split('\n')).toHaveLength(10_002);
  expect(shown.stderr).toBe('10000 rows from central; there are more (--limit 0 for all)\n');
  const all = await lab.dds(['query', sql, '--limit', '0']);
  expect(all.stdout.trimEnd().split('\n').slice(-2)).toEqual(['19999', '20000']);
  expect(all.stdout.match(/n/g)).toHaveLength(1);
  expect((await lab.dds(['query', sql, '--csv'])).stdout.split('\r\n')).toHaveLength(20_003);
  const limited = await lab.dds(['query', sql, '--csv', '--limit', '2']);
  expect(limited).toMatchObject({
    stdout: 'n\r\n0\r\n1\r\n',
    stderr: expect.stringContaining('there are more'),
  });
  expect(await json(lab, ['query', sql, '--limit', '1'])).toMatchObject({ rows: [[0]], truncated: true });
});

test('Parquet', async () => {
  const args = ['query', 'FROM temperature_data', '--parquet', 'readings.parquet'];
  expect(await lab.dds(args)).toMatchObject({
    code: 0,
    stdout: '',
    stderr: '300 rows from central in readings.parquet\n',
  });
  await expectRefusal(lab, args, 'DDS_FILE_EXISTS', 'readings.parquet exists already');
  const again = await json(lab, [...args, '--force', '--all-sites', '--limit', '10']).catch(String);
  // edge-2 has no such table: the rows of the others are written.
  expect(again).toMatch(/"file":"readings.parquet","bytes":\d+,.*"rows":20,"truncated":true/);
  const broken = ['query', 'SELEC', '--parquet', 'never.parquet'];
  await expectRefusal(lab, broken, 'DDS_SQL', 'syntax error');
  await expectRefusal(
    lab,
    ['query', 'SELECT 1', '--parquet', 'no/x.parquet'],
    'DDS_FILE_UNWRITABLE',
    'cannot write',
  );
  expect(existsSync(join(lab.directory, 'never.parquet'))).toBe(false);
});

test('all sites at once, and which of them failed', async () => {
  const everywhere = await lab.dds(['query', 'SELECT 1 AS one', '--all-sites', '--csv']);
  expect(everywhere).toMatchObject({
    code: 0,
    stdout: 'site,one\r\nedge-1,1\r\nedge-2,1\r\ncentral,1\r\n',
    stderr: '',
  });
  const sql = 'SELECT count(*) AS n FROM temperature_data';
  const partly = await lab.dds(['query', sql, '--all-sites']);
  expect(partly.code).toBe(2);
  expect(partly.stdout).toBe('site       n\nedge-1   300\ncentral  300\n');
  expect(partly.stderr).toMatch(/error: 1 of 3 sites failed: edge-2: .*temperature_data does not exist!/);
  const asJson = await lab.dds(['query', sql, '--all-sites', '--json']);
  expect(asJson.code).toBe(2);
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    rows: [
      ['edge-1', 300],
      ['central', 300],
    ],
    sites: ['edge-1', 'edge-2', 'central'],
    failures: [{ site: 'edge-2', error: { code: 'DDS_SQL' } }],
  });
  const differs = "SELECT CASE WHEN current_setting('threads') = 1 THEN 1 END AS a, * FROM _dds.nowhere";
  await expectRefusal(
    lab,
    ['query', differs, '--all-sites'],
    'DDS_SQL',
    /^(?!.*sites failed).*does not exist/,
  );
  await expectRefusal(
    lab,
    ['query', 'x', '--all-sites', '--site', 'edge-1'],
    'DDS_USAGE',
    'exclude each other',
  );
});

test('a statement that takes too long is stopped, and one that nobody waits for any more', async () => {
  await expectRefusal(lab, ['query', endless, '--timeout', '300ms'], 'DDS_SQL_TIMEOUT', 'longer than 0.3 s');
  const runs = [1, 2].map(() => lab.start(['query', endless, '--timeout', '1m']));
  const sink = async () => (await status(lab)).services.find(({ service }) => service === 'central/sink')!;
  const before = (await sink()).cpuMs!;
  await until(sink, ({ cpuMs }) => cpuMs! > before + 300);
  for (const run of runs) run.kill('SIGINT');
  for (const { result } of runs) {
    expect(await result).toMatchObject({
      code: 130,
      stdout: '',
      stderr: 'stopped after 0 rows from central\n',
    });
  }
  // Two statements at a time: were they still running, this one would wait for them.
  const next = await lab.dds(['query', 'SELECT 1', '--timeout', '2s']);
  expect(next).toMatchObject({ code: 0 });
});

test('a sink that hangs is named, and the others are asked', async () => {
  const sink = (await status(lab)).services.find(({ service }) => service === 'edge-1/sink')!;
  process.kill(sink.pid!, 'SIGSTOP');
  try {
    const answer = await lab.dds(['query', 'SELECT 1 AS one', '--all-sites', '--csv', '--timeout', '100ms']);
    expect(answer).toMatchObject({ code: 3, stdout: 'site,one\r\nedge-2,1\r\ncentral,1\r\n' });
    expect(answer.stderr).toContain('1 of 3 sites failed: edge-1: the sink of edge-1 does not answer');
  } finally {
    process.kill(sink.pid!, 'SIGCONT');
  }
});

test('head ends a large answer quietly', async () => {
  const sql = 'FROM range(5000000)';
  const script = `set -o pipefail; '${process.execPath}' '${launcher}' query '${sql}' --csv | head -2`;
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], { cwd: lab.directory });
  expect(stdout).toBe('range\r\n0\r\n');
  expect(stderr).toBe('');
});

test('the tables that there are', async () => {
  const { stdout, stderr, code } = await lab.dds(['query', 'tables']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^table +topic +mode +rows +columns\n/);
  expect(stdout).toMatch(
    /^temperature_data +temperature-data +append +300 +_key VARCHAR, sensor_id VARCHAR, /m,
  );
  expect(stderr).toMatch(/^\d+ tables at central, .+ of log\n$/);
  const { site, tables } = await json<{ site: string; tables: object[] }>(lab, [
    ...['query', 'tables', '--site', 'edge-1'],
  ]);
  expect(site).toBe('edge-1');
  expect(tables).toContainEqual(
    expect.objectContaining({
      ...{ table: 'temperature_data', topic: 'temperature-data', mode: 'append', rows: 300 },
      columns: expect.arrayContaining([{ name: 'temperature', type: 'DOUBLE' }]),
    }),
  );
  await expectRefusal(lab, ['query', 'tables', '--site', 'moon'], 'DDS_UNKNOWN_SITE', 'no site "moon"');
});
