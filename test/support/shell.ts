import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launcher, type Workspace } from './cli.ts';

export interface ShellResult {
  code: number | null;
  output: string;
}

/** Types lines into bash in a workspace, where `dds` and `npx dds` are ours and `up` takes free ports. */
export function shellIn(space: Workspace): (line: string, timeoutMs?: number) => Promise<ShellResult> {
  const shims = join(space.directory, '.shims');
  mkdirSync(shims);
  // The ports of the documentation may be in use.
  writeShim(
    join(shims, 'dds'),
    `case "$*" in *"--ports auto"*) ;; "up "*|up|"exec "*) c=$1; shift; set -- "$c" --ports auto "$@" ;; esac\nexec ${quoted(process.execPath)} ${quoted(launcher)} "$@"`,
  );
  writeShim(join(shims, 'npx'), `[ "$1" = dds ] || exit 1\nexec "$@"`);
  return (line, timeoutMs = 30_000) => run(line, space.directory, shims, timeoutMs);
}

function writeShim(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

const quoted = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;

/** Runs one line; the whole group is killed when it takes too long. */
function run(command: string, cwd: string, shims: string, timeoutMs: number): Promise<ShellResult> {
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
  const late = setTimeout(() => pid && process.kill(-pid, 'SIGKILL'), timeoutMs);
  return new Promise((resolve, reject) => {
    shell.once('error', reject);
    shell.once('close', (code) => {
      clearTimeout(late);
      resolve({ code, output });
    });
  });
}
