import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DdsError } from '../../../src/errors/index.ts';
import { parseColumnMap, parseRowFilter } from '../../../src/runtime/simulator/replay/columns.ts';
import { readCsv } from '../../../src/runtime/simulator/replay/read-csv.ts';
import { parseRecordedTime } from '../../../src/runtime/simulator/replay/recorded-time.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dds-csv-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Reading {
  map?: string[];
  filter?: string[];
}

async function read(text: string, { map = [], filter = [] }: Reading = {}) {
  const path = join(directory, `${Math.random()}.csv`);
  await writeFile(path, text);
  return await readCsv({
    path,
    name: 'r.csv',
    map: parseColumnMap(map),
    filter: parseRowFilter(filter),
    unit: 'C',
  });
}

async function problem(run: () => Promise<unknown>): Promise<DdsError> {
  const error = await run().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DdsError);
  expect((error as DdsError).message).not.toContain('\n');
  return error as DdsError;
}

const header = 'sensor_id,timestamp,temperature';

describe('a good file', () => {
  test('is read with quotes, a byte order mark, CRLF and empty lines, in order of time', async () => {
    const text = `\ufeff${header},note\r\n"a, ""b""",2012-01-03,-1.5,"two\nlines"\r\n\r\ns2,2012-01-01,2e1,\r\n s2 ,2012-01-03, 7 ,x\r\n`;
    const recording = await read(text);
    expect(recording.sensorIds).toEqual(['a, "b"', 's2']);
    expect([...recording.sensor]).toEqual([1, 0, 1]);
    expect([...recording.temperature]).toEqual([20, -1.5, 7]);
    expect([...recording.time]).toEqual([0, 2, 2].map((day) => Date.UTC(2012, 0, 1 + day)));
    expect([...recording.unit]).toEqual([0, 0, 0]);
  });

  test('takes other columns by --map, the unit too, and leaves out rows by --filter', async () => {
    const text = 'where,when,warm,u\nA,1330000000,70,F\nB,1330000001,290,K\nA,1330000002500,71,F\n';
    const map = ['sensor_id=where,timestamp=when', 'temperature=warm,unit=u'];
    const recording = await read(text, { map, filter: ['where=A', 'u=F'] });
    expect(recording).toMatchObject({ sensorIds: ['A'], count: 2 });
    expect([...recording.time]).toEqual([1_330_000_000_000, 1_330_000_002_500]);
    expect([...recording.unit]).toEqual([1, 1]);
  });

  test('with many rows keeps them all', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => `s${i % 3},${1_330_000_000 + i},${i}`);
    const recording = await read(`${header}\n${rows.join('\n')}`);
    expect([...recording.temperature]).toEqual(rows.map((_, i) => i));
  });

  test('the weather of Seattle and New York', async () => {
    const path = fileURLToPath(
      new URL('../../../node_modules/vega-datasets/data/weather.csv', import.meta.url),
    );
    const map = parseColumnMap(['sensor_id=location,timestamp=date,temperature=temp_max']);
    const of = (filter: string[]) =>
      readCsv({ path, name: path, map, filter: parseRowFilter(filter), unit: 'C' });
    const all = await of([]);
    expect(all).toMatchObject({ sensorIds: ['Seattle', 'New York'], count: 2922 });
    expect(await of(['location=Seattle'])).toMatchObject({ sensorIds: ['Seattle'], count: 1461 });
    expect(new Date(all.time[0]!).toISOString()).toBe('2012-01-01T00:00:00.000Z');
    expect(all.temperature[0]).toBe(12.8);
    expect([...all.time].every((time, i) => i === 0 || all.time[i - 1]! <= time)).toBe(true);
  });
});

describe('a mistake names file, line, column and value', () => {
  const good = 's1,2012-01-01,1.5';
  test.each([
    ['a missing column', 'sensor_id,timestamp\ns1,2012-01-01', 'r.csv:1: there is no column temperature'],
    [
      'a bad number',
      `${header}\n${good}\ns1,2012-01-02,warm`,
      'r.csv:3: column temperature is "warm", not a number',
    ],
    [
      'an empty number',
      `${header}\n${good}\ns1,2012-01-02,`,
      'r.csv:3: column temperature is "", not a number',
    ],
    [
      'a number of another kind',
      `${header}\ns1,2012-01-02,0x10`,
      'r.csv:2: column temperature is "0x10", not a number',
    ],
    ['a bad time', `${header}\ns1,yesterday,1`, 'r.csv:2: column timestamp is "yesterday", not a time'],
    ['an empty id', `${header}\n ,2012-01-01,1`, 'r.csv:2: column sensor_id is " ", not an id'],
    ['a bad unit', `${header},unit\n${good},R`, 'r.csv:2: column unit is "R", not C, F or K'],
    ['a short row', `${header}\n${good}\n\ns1,2012-01-02`, 'r.csv:4: 2 columns instead of 3'],
    ['an open quote', `${header}\n${good}\n"s1,2012-01-02,1\n`, 'r.csv:3: Quote Not Closed'],
    ['the first of two mistakes', `${header}\ns1,2012-01-02,x\n"s1`, 'r.csv:2: column temperature is "x"'],
    ['an empty file', '', 'r.csv: the file is empty'],
    ['a file without rows', header, 'r.csv: no row'],
  ])('%s', async (_, text, message) => {
    const error = await problem(() => read(text));
    expect(error.code).toBe('DDS_INPUT_INVALID');
    expect(error.message).toContain(message);
  });

  test('a row that is left out counts too', async () => {
    const error = await problem(() =>
      read(`${header}\n${good}\ns2,2012-01-01,x`, { filter: ['sensor_id=s1'] }),
    );
    expect(error).toMatchObject({ details: { file: 'r.csv', line: 3, column: 'temperature', value: 'x' } });
  });

  test('a column that --map or --filter names, with a guess', async () => {
    const map = await problem(() => read(`${header}\n${good}`, { map: ['temperature=temperatur'] }));
    expect(map.message).toBe('r.csv:1: there is no column temperatur');
    expect(map.hint).toContain('Did you mean temperature?');
    const filter = await problem(() => read(`${header}\n${good}`, { filter: ['place=x'] }));
    expect(filter.message).toBe('r.csv:1: there is no column place');
    const none = await problem(() => read(`${header}\n${good}`, { filter: ['sensor_id=s9'] }));
    expect(none.message).toBe('r.csv: no row with sensor_id=s9');
  });

  test('a file that is not there', async () => {
    const options = { name: 'none.csv', map: {}, filter: [], unit: 'C' } as const;
    const missing = await problem(() => readCsv({ ...options, path: join(directory, 'none.csv') }));
    expect(missing).toMatchObject({
      code: 'DDS_FILE_UNREADABLE',
      message: expect.stringContaining('none.csv'),
    });
    expect(await problem(() => readCsv({ ...options, path: directory }))).toMatchObject({
      code: 'DDS_FILE_UNREADABLE',
    });
  });
});

test.each([
  ['2012-01-01', '2012-01-01T00:00:00.000Z'],
  ['2012-02-29 12:34', '2012-02-29T12:34:00.000Z'],
  ['2012-02-29T12:34:56', '2012-02-29T12:34:56.000Z'],
  ['2012-02-29T12:34:56.5Z', '2012-02-29T12:34:56.500Z'],
  ['2012-02-29T12:34:56.123456+02:00', '2012-02-29T10:34:56.123Z'],
  ['2012-02-29T12:34:56-0530', '2012-02-29T18:04:56.000Z'],
  ['2012-02-29T12:34:56+02', '2012-02-29T10:34:56.000Z'],
  ['1330000000', '2012-02-23T12:26:40.000Z'],
  ['1330000000.25', '2012-02-23T12:26:40.250Z'],
  ['1330000000250', '2012-02-23T12:26:40.250Z'],
  ['0', '1970-01-01T00:00:00.000Z'],
])('the time %s is %s', (text, iso) => expect(new Date(parseRecordedTime(text)!).toISOString()).toBe(iso));

test.each([
  '',
  '2012-02-30',
  '2012-13-01',
  '01/02/2012',
  '2012-01-01T25:00',
  'now',
  '2012-1-1',
  '2012'.repeat(9),
])('the time %j is refused', (text) => expect(parseRecordedTime(text)).toBeNull());

test.each(['location', '=x', 'x=', 'sensor=location', 'sensor_id=a,sensor_id=b', 'sensor_id=a,'])(
  '--map %s is refused',
  (text) => expect(() => parseColumnMap([text])).toThrow(expect.objectContaining({ code: 'DDS_USAGE' })),
);
test('--filter takes a value with commas and equal signs', () => {
  expect(parseRowFilter(['a=b=c, d'])).toEqual([{ column: 'a', value: 'b=c, d' }]);
  expect(() => parseRowFilter(['a'])).toThrow(expect.objectContaining({ code: 'DDS_USAGE' }));
});
