import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CliResult, Workspace } from '../cli.ts';

export type LabEngine = 'embedded' | 'docker';

/**
 * The example with two edges. With docker its databases are DuckDB all the same: what the tests ask of them is SQL, and
 * that every row is there once is asked of Kafka and the jobs.
 */
export async function prepare(space: Workspace, engine: LabEngine): Promise<void> {
  if (engine === 'embedded') return;
  expect(await space.dds(['init', 'topology', '--sites', '2'])).toMatchObject({ code: 0 });
  const file = join(space.directory, 'dds.yaml');
  const text = readFileSync(file, 'utf8');
  const stored = text.replaceAll(/^ {2}(edge-\d|central):$/gm, '  $1: { store: duckdb }');
  expect(stored).not.toBe(text);
  writeFileSync(file, stored);
}

/** Starts it, or takes over what is left of it. Containers take their time, above all beside other work. */
export async function up(space: Workspace, engine: LabEngine): Promise<CliResult> {
  const how = engine === 'embedded' ? ['--sites', '2'] : ['--engine', 'docker'];
  const result = await space.dds(['up', ...how, '--ports', 'auto'], { timeoutMs: 360_000 });
  expect(result.code, result.stderr).toBe(0);
  return result;
}
