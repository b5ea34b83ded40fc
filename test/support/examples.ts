import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { root } from '../docs/markdown.ts';
import type { Workspace } from './cli.ts';
import type { Shell, ShellOptions } from './shell.ts';

interface ManifestCommand {
  hidden?: boolean;
  examples?: string[];
}
const manifest = JSON.parse(readFileSync(`${root}/oclif.manifest.json`, 'utf8')) as {
  commands: Record<string, ManifestCommand>;
};

/** The command lines of a command's help. */
export const examplesOf = (id: string): string[] =>
  (manifest.commands[id]?.examples ?? []).map((example) =>
    example.replaceAll('<%= config.bin %>', 'dds').replace('<%= command.id %>', id.replaceAll(':', ' ')),
  );

/** Need a Docker; test/docker runs them. */
const ofDocker = new Set(['pull', 'parity']);

/** Need a stack of their own, or none; each is run in a directory of its own. */
const alone = new Set(['demo', 'up', 'exec', 'completion', 'doctor', 'ls']);

const ids = Object.keys(manifest.commands).filter(
  (id) => !manifest.commands[id]?.hidden && !ofDocker.has(id),
);
/** Commands whose examples run in a directory of their own. */
export const aloneIds = ids.filter((id) => alone.has(id) || id.startsWith('init:'));
/** Commands whose examples run beside a stack. */
export const runningIds = ids.filter((id) => !aloneIds.includes(id));

/** What examples name, and every user has in another form. */
const schema = JSON.stringify({
  ...{ type: 'record', name: 'Flow' },
  fields: [
    { name: 'sensor_id', type: 'string' },
    { name: 'litres', type: 'double' },
  ],
});
const plant = 'sites: { edge-1: , central: }\ntopics: { temperature-data: { schema: TemperatureData } }\n';
const files: Record<string, string> = {
  'weather.csv': 'date,location,temp_max\n2012-01-01,Seattle,12.8\n2012-01-02,Seattle,10.6\n',
  'readings.ndjson': '{"sensor_id":"s-1","timestamp":1,"temperature":20.5,"unit":"C"}\n',
  'my.avsc': schema,
  'flow.avsc': schema,
  'plant.yaml': plant,
  'token.txt': '123:none\n',
  'package.json': '{ "scripts": { "test": "true" } }',
  'plants.sql': 'select count(*) from temperature_data',
};

/** Puts there what examples name. */
export function prepare(space: Workspace): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(space.directory, name), text);
  mkdirSync(join(space.directory, 'lab'));
}

/** Runs an example as it stands; one that goes on for ever is ended by `enough`. */
export async function expectWorks(shell: Shell, example: string, options?: ShellOptions): Promise<void> {
  const { code, output } = await shell(example, options);
  // On a machine that is busy with other tests the simulator may say that it could not hold the rate.
  const isBusy = code === 4 && /DDS_RATE_MISSED/.test(output);
  const isInterrupted = code === 130 && options?.enough !== undefined;
  expect(isBusy || isInterrupted ? 0 : code, `${example}\n${output}`).toBe(0);
  if (!isBusy) expect(output).not.toMatch(/^error:/m);
}
