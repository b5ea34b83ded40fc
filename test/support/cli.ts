import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const launcher = fileURLToPath(new URL('../../bin/dds.js', import.meta.url));

export interface CliResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  elapsedMs: number;
}

export interface CliOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Written to stdin, which is then closed. */
  input?: string;
  /** A run that lasts longer is killed and fails. */
  timeoutMs?: number;
}

/** A run of the real command line that is still going. */
export interface CliRun {
  pid: number;
  /** Resolves when stdout and stderr together match; rejects when the process ends first. */
  seen(pattern: RegExp): Promise<RegExpMatchArray>;
  kill(signal: NodeJS.Signals): void;
  result: Promise<CliResult>;
}

/** Starts `dds …` with pipes instead of a terminal, as a script would. */
export function startDds(args: readonly string[], options: CliOptions = {}): CliRun {
  const startedAt = performance.now();
  // What the machine of the test says about colours and npm must not decide what we see.
  const { FORCE_COLOR, NO_COLOR, npm_command, npm_lifecycle_event, ...inherited } = process.env;
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd: options.cwd,
    env: { ...inherited, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const watcher of watchers) watcher();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    notify();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    notify();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const timeoutMs = options.timeoutMs ?? 45_000;
  const result = new Promise<CliResult>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new Error(
          `dds ${args.join(' ')} did not end within ${timeoutMs} ms\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`,
        ),
      );
    }, timeoutMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      notify();
      resolve({ code, signal, stdout, stderr, elapsedMs: performance.now() - startedAt });
    });
  });
  result.catch(() => undefined);
  return {
    pid: child.pid ?? -1,
    seen(pattern) {
      return new Promise((resolve, reject) => {
        const check = () => {
          const match = `${stdout}\n${stderr}`.match(pattern);
          if (match) {
            watchers.delete(check);
            resolve(match);
          } else if (child.exitCode !== null || child.signalCode !== null) {
            watchers.delete(check);
            reject(new Error(`dds ${args.join(' ')} ended without ${pattern}\n${stdout}\n${stderr}`));
          }
        };
        watchers.add(check);
        check();
      });
    },
    kill: (signal) => void child.kill(signal),
    result,
  };
}

/** Runs `dds …` to its end. */
export function runDds(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startDds(args, options).result;
}

export interface Workspace extends AsyncDisposable {
  directory: string;
  dds(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  start(args: readonly string[], options?: CliOptions): CliRun;
}

/** A directory of a test's own; whatever stack was started in it is taken down at the end. */
export function workspace(): Workspace {
  const directory = mkdtempSync(join(tmpdir(), 'dds-test-'));
  return {
    directory,
    dds: (args, options) => runDds(args, { cwd: directory, ...options }),
    start: (args, options) => startDds(args, { cwd: directory, ...options }),
    async [Symbol.asyncDispose]() {
      if (existsSync(join(directory, '.dds'))) await runDds(['down', '--purge'], { cwd: directory });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
