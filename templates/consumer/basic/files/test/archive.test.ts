import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openArchive, type Row } from '../src/archive.ts';

const row = (offset: number): Row => ({
  ...{ sensor_id: 's1', timestamp: 1000 + offset, temperature: 20, unit: 'C' },
  ...{ partition: 0, offset },
});

test('rows are lines of JSON, behind those of the last run', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), '{{name}}-'));
  context.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'not-there-yet', 'rows.ndjson');
  for (const rows of [[row(0), row(1)], [], [row(2)]]) {
    await using archive = await openArchive(path);
    await archive.append(rows);
  }
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [row(0), row(1), row(2)],
  );
});
