import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { launcher, workspace } from '../support/cli.ts';
import { codeBlocks, readPage } from './markdown.ts';

const tour = /<!-- tour:start -->([\s\S]*?)<!-- tour:end -->/.exec(readPage('README.md'))?.[1];
const commands = codeBlocks(tour ?? '')
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
  .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));

// Without the markers there is nothing to run: the report shows the test as skipped.
test.skipIf(tour === undefined)('the tour of the README runs', { timeout: 60_000 }, async () => {
  expect(commands.length).toBeGreaterThan(3);
  await using space = workspace();
  const shims = join(space.directory, '.shims');
  mkdirSync(shims);
  // `up` takes free ports here: the tour's own may be in use.
  writeShim(
    join(shims, 'dds'),
    `if [ "$1" = up ]; then shift; set -- up --ports auto "$@"; fi\nexec ${quoted(process.execPath)} ${quoted(launcher)} "$@"`,
  );
  writeShim(join(shims, 'npx'), `[ "$1" = dds ] || exit 1\nexec "$@"`);
  for (const command of commands) {
    const { code, output } = await run(command, space.directory, shims);
    // On a machine that is busy with other tests the simulator may say that it could not hold the rate.
    const isBusy = code === 4 && /DDS_RATE_MISSED/.test(output);
    expect(isBusy ? 0 : code, `${command}\n${output}`).toBe(0);
  }
});

function writeShim(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

const quoted = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;

/** Runs one line in bash; the whole group is killed after 30 s. */
function run(command: string, cwd: string, shims: string): Promise<{ code: number | null; output: string }> {
  const env = { ...process.env, PATH: `${shims}:${process.env.PATH}`, NO_COLOR: '1' };
  const shell = spawn('bash', ['-o', 'pipefail', '-c', command], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const { pid } = shell;
  const late = setTimeout(() => pid && process.kill(-pid, 'SIGKILL'), 30_000);
  return new Promise((resolve, reject) => {
    shell.once('error', reject);
    shell.once('close', (code) => {
      clearTimeout(late);
      resolve({ code, output });
    });
  });
}
