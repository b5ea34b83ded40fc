import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { avroType } from '../../../src/runtime/serde/avro.ts';
import { wireHeaderBytes } from '../../../src/runtime/serde/wire.ts';
import {
  formatOf,
  readReadings,
  readRecords,
  recordedRecords,
} from '../../../src/runtime/simulator/index.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'dds-replay-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const schemaText = JSON.stringify({
  type: 'record',
  name: 'Machine',
  fields: [
    { name: 'machine_id', type: 'string' },
    { name: 'ts', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'power', type: 'double' },
    { name: 'n', type: 'long' },
    { name: 'note', type: ['null', 'string'] },
    { name: 'tags', type: { type: 'array', items: 'string' } },
  ],
});
const type = avroType(schemaText);
const at = Date.parse('2024-05-01T00:00:00Z');

const rows = [
  { machine_id: 'b', ts: at + 1000, power: 2, n: 2, note: null, tags: [] },
  { machine_id: 'a', ts: at, power: 1.5, n: 1, note: 'x', tags: ['p', 'q'] },
];

const read = (
  name: string,
  text?: string,
  map: Record<string, string> = {},
  filter: { column: string; value: string }[] = [],
) => {
  const path = join(directory, name);
  if (text !== undefined) writeFileSync(path, text);
  return readRecords({
    path,
    name,
    format: formatOf(name, undefined),
    map,
    filter,
    schemaText,
    references: [],
  });
};

async function decoded(recording: Awaited<ReturnType<typeof read>>, startMs?: number): Promise<unknown[]> {
  const schema = { id: 3, text: schemaText, references: [] };
  const { encode } = recordedRecords(recording, startMs !== undefined)(
    recording.sensorIds.map((id) => ({ id, schema })),
    startMs ?? 0,
  );
  return Array.from({ length: recording.count }, (_, i) =>
    type.fromBuffer(Buffer.from(encode(i, 0, 0).subarray(wireHeaderBytes))),
  );
}

test('JSON lines come in order of time, also under other names', async () => {
  const text = rows.map(({ power, ...rest }) => JSON.stringify({ ...rest, watts: power })).join('\n');
  const recording = await read('a.ndjson', `${text}\n\n`, { power: 'watts' });
  expect(recording.sensorIds).toEqual(['b', 'a']);
  expect([...recording.time]).toEqual([at, at + 1000]);
  expect(await decoded(recording)).toEqual([rows[1], rows[0]]);
  const shifted = (await decoded(recording, 5_000_000)) as typeof rows;
  expect(shifted.map(({ ts }) => ts)).toEqual([5_000_000, 5_001_000]);
});

test('Parquet gives the same records', async () => {
  const path = join(directory, 'a.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT * FROM (VALUES ('b', TIMESTAMP '2024-05-01 00:00:01', 2.0::DOUBLE, 2::BIGINT, NULL, []::VARCHAR[]),
      ('a', TIMESTAMP '2024-05-01 00:00:00', 1.5::DOUBLE, 1::BIGINT, 'x', ['p', 'q'])) t(machine_id, ts, power, n, note, tags))
      TO '${path}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
  expect(await decoded(await read('a.parquet'))).toEqual([rows[1], rows[0]]);
});

test('a temperature recording can be JSON lines', async () => {
  const name = 't.jsonl';
  const path = join(directory, name);
  writeFileSync(path, '{"place":"A","timestamp":"2024-05-01","temperature":1.5}\n');
  const options = { path, name, map: { sensor_id: 'place' }, filter: [], unit: 'C' as const };
  const recording = await readReadings(options, 'ndjson');
  expect(recording).toMatchObject({ count: 1, sensorIds: ['A'] });
  expect(recording.temperature[0]).toBe(1.5);
  writeFileSync(
    path,
    '{"place":"A","timestamp":"2024-05-01","temperature":1.5}\n{"place":"A","timestamp":"x","temperature":2}\n',
  );
  await expect(readReadings(options, 'ndjson')).rejects.toMatchObject({
    code: 'DDS_INPUT_INVALID',
    message: expect.stringContaining('t.jsonl:2: column timestamp is "x"'),
  });
});

test('--filter leaves rows out', async () => {
  const text = rows.map((row) => JSON.stringify(row)).join('\n');
  const recording = await read('f.ndjson', text, {}, [{ column: 'machine_id', value: 'a' }]);
  expect(recording.sensorIds).toEqual(['a']);
});

const good = JSON.stringify(rows[0]);
test.each([
  ['{"machine_id":', 'bad.ndjson:2: {"machine_id": is not JSON'],
  ['[1]', 'bad.ndjson:2: [1] is not a JSON object'],
  [JSON.stringify({ ...rows[0], power: 'hot' }), 'bad.ndjson:2: power is "hot", not a number'],
  [JSON.stringify({ ...rows[0], n: 1.5 }), 'bad.ndjson:2: n is 1.5, not a whole number'],
  [JSON.stringify({ ...rows[0], ts: 'soon' }), 'bad.ndjson:2: ts is "soon", not a time'],
  [JSON.stringify({ ...rows[0], machine_id: undefined }), 'bad.ndjson:2: machine_id is missing, not a text'],
])('%s is named with its line', async (line, message) => {
  await expect(read('bad.ndjson', `${good}\n${line}\n`)).rejects.toMatchObject({
    code: 'DDS_INPUT_INVALID',
    message,
  });
});

test('files and fields that are not there', async () => {
  await expect(read('none.ndjson')).rejects.toMatchObject({ code: 'DDS_FILE_UNREADABLE' });
  writeFileSync(join(directory, 'no.parquet'), 'no parquet');
  await expect(read('no.parquet')).rejects.toMatchObject({ code: 'DDS_FILE_UNREADABLE' });
  await expect(read('x.ndjson', good, { pwr: 'x' })).rejects.toThrow(
    '--map pwr: the schema has no field pwr',
  );
  expect(() => formatOf('x.txt', undefined)).toThrow('--replay x.txt: the format is not known by its name');
});
