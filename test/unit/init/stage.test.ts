import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { openStage } from '../../../src/runtime/init/stage.ts';
import { surveyTarget } from '../../../src/runtime/init/target.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const module = pathToFileURL(join(import.meta.dirname, '../../../src/runtime/init/stage.ts')).href;

/** Opens a stage in a process of its own that is killed at once, with something in it. */
function kill(target: string, inside: string): void {
  const script = `
    import { mkdirSync } from 'node:fs';
    const { openStage } = await import(${JSON.stringify(module)});
    const { directory } = await openStage(${JSON.stringify(target)});
    mkdirSync(directory + ${JSON.stringify(inside)}, { recursive: true });
    process.kill(process.pid, 'SIGKILL');
  `;
  const node = () => execFileSync(process.execPath, ['--input-type=module', '-e', script], { stdio: 'pipe' });
  expect(node).toThrow(/Command failed/);
}

test.each(['beside its place', 'in a directory that is there'])(
  "what a killed dds init left %s is in nobody's way, and goes with the next one",
  async (where) => {
    const cwd = temporaryDirectory();
    const target = join(cwd, 'project');
    const isThere = where !== 'beside its place';
    if (isThere) mkdirSync(target);
    kill(target, '/src');
    const place = isThere ? target : cwd;
    expect(readdirSync(place).join()).toMatch(/^\.(project\.)?dds-init-/);
    expect(await surveyTarget(target, ['src'], { cwd, allowed: false })).toEqual([]);
    {
      await using _stage = await openStage(target);
      expect(readdirSync(place)).toHaveLength(1);
    }
    expect(readdirSync(place)).toEqual([]);
  },
);

test('what another dds init works on stays, and so do files of the user that a killed one had put aside', async () => {
  const cwd = temporaryDirectory();
  const target = join(cwd, 'project');
  mkdirSync(target);
  await using first = await openStage(target);
  writeFileSync(join(first.directory, 'mine'), '');
  kill(target, '/../old');
  {
    await using _second = await openStage(target);
  }
  expect(existsSync(join(first.directory, 'mine'))).toBe(true);
  expect(readdirSync(target)).toHaveLength(2);
});
