import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launcher, type Workspace } from './cli.ts';

export interface ShellResult {
  code: number | null;
  output: string;
}

export interface ShellOptions {
  /** A line that lasts longer is killed, with all it started. Default 60 s. */
  timeoutMs?: number;
  /** Resolves when the line has shown enough of itself: then it is interrupted, as by Ctrl-C. */
  enough?: (output: () => string) => Promise<unknown>;
}

export type Shell = (line: string, options?: ShellOptions) => Promise<ShellResult>;

/** Types lines into bash in a workspace, where `dds` and `npx dds` are ours and `up` takes free ports. */
export function shellIn(space: Workspace): Shell {
  const shims = join(space.directory, '.shims');
  mkdirSync(shims);
  // The ports of the documentation may be in use.
  writeShim(
    join(shims, 'dds'),
    `case "$*" in *"--ports auto"*) ;; "up "*|up|"exec "*) c=$1; shift; set -- "$c" --ports auto "$@" ;; esac\nexec ${quoted(process.execPath)} ${quoted(launcher)} "$@"`,
  );
  writeShim(join(shims, 'npx'), `[ "$1" = dds ] || exit 1\nexec "$@"`);
  return (line, options = {}) => run(line, space.directory, shims, options);
}

function writeShim(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

const quoted = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;

function run(
  command: string,
  cwd: string,
  shims: string,
  { timeoutMs = 60_000, enough }: ShellOptions,
): Promise<ShellResult> {
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
  const signal = (name: NodeJS.Signals) => {
    try {
      if (shell.pid) process.kill(-shell.pid, name);
    } catch (error) {
      // It has ended by itself.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const late = setTimeout(() => signal('SIGKILL'), timeoutMs);
  return new Promise((resolve, reject) => {
    enough?.(() => output).then(
      () => signal('SIGINT'),
      (error) => {
        signal('SIGKILL');
        reject(error);
      },
    );
    shell.once('error', reject);
    shell.once('close', (code) => {
      clearTimeout(late);
      resolve({ code, output });
    });
  });
}
