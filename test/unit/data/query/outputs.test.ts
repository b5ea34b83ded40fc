import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import type { QueryResult, RowOutput } from '../../../../src/runtime/data/query/output.ts';
import { parquetOutput } from '../../../../src/runtime/data/query/parquet-output.ts';
import { csvOutput, jsonOutput } from '../../../../src/runtime/data/query/text-outputs.ts';
import type { JsonValue, QueryColumn } from '../../../../src/runtime/jobs/sinks/index.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const done: QueryResult = { sites: ['edge-1'], rows: 2, truncated: false, interrupted: false, failures: [] };
const column = (name: string, type = 'VARCHAR'): QueryColumn => ({ name, type });

async function give(
  output: RowOutput,
  columns: QueryColumn[],
  batches: JsonValue[][][],
  result = done,
): Promise<void> {
  try {
    await output.start(columns);
    for (const rows of batches) await output.rows(rows);
    await output.end(result);
  } finally {
    await output.close?.();
  }
}

async function textOf(
  make: (write: (text: string) => undefined) => RowOutput,
  ...rest: Rest
): Promise<string> {
  let text = '';
  const write = (part: string) => {
    text += part;
    return undefined;
  };
  await give(make(write), ...rest);
  return text;
}
type Rest = [QueryColumn[], JsonValue[][][], QueryResult?];

it('writes CSV that says what is NULL and what is empty', async () => {
  const rows: JsonValue[][] = [
    ['plain', null, ''],
    ['with, comma', 'and "quotes"', 'two\nlines'],
    [1.5, { a: [1, null] }, true],
  ];
  expect(
    await textOf(csvOutput, [column('a'), column('b,c'), column('d')], [rows.slice(0, 1), rows.slice(1)]),
  ).toBe(
    [
      'a,"b,c",d',
      'plain,,""',
      '"with, comma","and ""quotes""","two\nlines"',
      '1.5,"{""a"":[1,null]}",true',
      '',
    ].join('\r\n'),
  );
});

it('writes one JSON value, whatever happens', async () => {
  const json = async (allSites: boolean, ...rest: Rest) =>
    JSON.parse(await textOf((write) => jsonOutput(write, allSites), ...rest));
  const columns = [column('a')];
  expect(await json(false, columns, [[['x'], ['y']], [], [['z']]])).toEqual({
    ...{ columns, rows: [['x'], ['y'], ['z']] },
    ...{ site: 'edge-1', truncated: false },
  });
  const failures = [{ site: 'edge-1', error: { code: 'DDS_SQL', message: 'm', hint: 'h' } }] as never;
  expect(await json(true, columns, [], { ...done, failures, interrupted: true })).toEqual({
    ...{ columns, rows: [], sites: ['edge-1'] },
    ...{ truncated: false, interrupted: true, failures },
  });
  const text: string[] = [];
  await jsonOutput((part) => void text.push(part) as undefined, false).end({ ...done, interrupted: true });
  expect(JSON.parse(text.join(''))).toMatchObject({ columns: [], rows: [], interrupted: true });
});

async function read(file: string, sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const answer = await connection.runAndReadAll(sql.replace('FILE', `'${file}'`));
    return answer.getRows().map((row) => row.map((value) => (value === null ? null : String(value))));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

it('writes Parquet with the types of the columns', async () => {
  const directory = temporaryDirectory();
  const file = join(directory, "it's.parquet");
  const columns = [
    column('n', 'BIGINT'),
    column('N', 'DECIMAL(18,3)'),
    column('d', 'DOUBLE'),
    column('t', 'TIMESTAMP'),
    column('z', 'TIMESTAMP WITH TIME ZONE'),
    column('b', 'BLOB'),
    column('s', 'STRUCT("x" BIGINT, "y" VARCHAR)'),
    column('l', 'INTEGER[]'),
    column('m', 'MAP(VARCHAR, INTEGER)'),
    column('j', 'JSON'),
    column('ok', 'BOOLEAN'),
    column('odd', 'NO_SUCH_TYPE'),
  ];
  const rows: JsonValue[][] = [
    [
      '9007199254740993',
      1.5,
      'NaN',
      '2026-01-31T08:00:00.123456Z',
      '2026-01-31T08:00:00.000Z',
      'eA==',
      { x: '9007199254740993', y: 'é' },
      [1, null],
      [['a', 1]],
      '{"a":1}',
      true,
      'o',
    ],
    columns.map(() => null),
  ];
  await give(await parquetOutput(file, { force: false }), columns, [rows, rows.slice(1)]);
  const types = await read(
    file.replace("'", "''"),
    'SELECT column_name, column_type FROM (DESCRIBE FROM FILE)',
  );
  expect(types).toEqual([
    ...[
      ['n', 'BIGINT'],
      ['N_1', 'DECIMAL(18,3)'],
      ['d', 'DOUBLE'],
      ['t', 'TIMESTAMP'],
    ],
    ...[
      ['z', 'TIMESTAMP WITH TIME ZONE'],
      ['b', 'BLOB'],
      ['s', 'STRUCT(x BIGINT, y VARCHAR)'],
    ],
    ...[
      ['l', 'INTEGER[]'],
      ['m', 'VARCHAR'],
      ['j', 'VARCHAR'],
      ['ok', 'BOOLEAN'],
      ['odd', 'VARCHAR'],
    ],
  ]);
  const [first, second, third] = await read(file.replace("'", "''"), 'FROM FILE');
  expect(first).toEqual([
    ...['9007199254740993', '1.500', 'NaN', '2026-01-31 08:00:00.123456', '2026-01-31 08:00:00+00', 'x'],
    ...["{'x': 9007199254740993, 'y': 'é'}", '[1, NULL]', '[["a",1]]', '{"a":1}', 'true', 'o'],
  ]);
  expect(second).toEqual(columns.map(() => null));
  expect(third).toEqual(second);
  expect(readdirSync(directory)).toEqual(["it's.parquet"]);
});

it('leaves the file alone unless there is something to put in its place', async () => {
  const directory = temporaryDirectory();
  const file = join(directory, 'rows.parquet');
  writeFileSync(file, 'mine');
  await expect(parquetOutput(file, { force: false })).rejects.toMatchObject({ code: 'DDS_FILE_EXISTS' });
  const columns = [column('n', 'BIGINT')];
  const stopped = { ...done, interrupted: true };
  await give(await parquetOutput(file, { force: true }), columns, [[[1]]], stopped);
  await expect(
    give(await parquetOutput(file, { force: true }), columns, [[['not a number']]]),
  ).rejects.toMatchObject({ code: 'DDS_FILE_UNWRITABLE', message: expect.stringContaining('not a number') });
  expect(readFileSync(file, 'utf8')).toBe('mine');
  expect(readdirSync(directory)).toEqual(['rows.parquet']);
  const nowhere = join(directory, 'nowhere', 'rows.parquet');
  await expect(parquetOutput(nowhere, { force: true })).rejects.toMatchObject({
    code: 'DDS_FILE_UNWRITABLE',
  });
  await give(await parquetOutput(file, { force: true }), columns, [[[1], [2]]]);
  expect(await read(file, 'SELECT sum(n) FROM FILE')).toEqual([['3']]);
  expect(existsSync(nowhere)).toBe(false);
});
