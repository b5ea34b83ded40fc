import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** Whether npm has its registry at hand; where it hasn't, says that tests are skipped. */
export async function npmRegistryAnswers(): Promise<boolean> {
  const args = ['view', 'typescript', 'version', '--fetch-retries=0', '--fetch-timeout=10000'];
  const { exitCode } = await execa('npm', args, { reject: false, timeout: 20_000 });
  if (exitCode !== 0)
    process.stderr.write('the npm registry does not answer: tests that install are skipped\n');
  return exitCode === 0;
}

/** Runs npm in a project; fails with what it said. */
export const npm = (directory: string, ...args: string[]): Promise<string> => run(directory, 'npm', args);

/** The same with a program that the project has installed, and no npm around it. */
export const tool = (directory: string, name: string, ...args: string[]): Promise<string> =>
  run(directory, join(directory, 'node_modules/.bin', name), args);

async function run(directory: string, program: string, args: string[]): Promise<string> {
  const { exitCode, all } = await execa(program, args, { cwd: directory, all: true, reject: false });
  if (exitCode !== 0) throw new Error(`${program} ${args.join(' ')} in ${directory} → ${exitCode}\n${all}`);
  return all;
}

/** Gives a project the dependencies of another one. Throws when it has others. */
export function shareDependencies(from: string, to: string): void {
  checkSameDependencies(from, to);
  symlinkSync(join(from, 'node_modules'), join(to, 'node_modules'));
}

/** The same for what npm has resolved, to be installed where the project is built. */
export function shareLock(from: string, to: string): void {
  const [name, nameOfCopy] = checkSameDependencies(from, to);
  const lock = readFileSync(join(from, 'package-lock.json'), 'utf8');
  writeFileSync(
    join(to, 'package-lock.json'),
    lock.replaceAll(`"name": "${name}"`, `"name": "${nameOfCopy}"`),
  );
}

/** The names of both projects. */
function checkSameDependencies(from: string, to: string): [string, string] {
  const [one, other] = [from, to].map((directory) => {
    const { name, ...rest } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    return { name: name as string, rest: JSON.stringify(rest) };
  }) as [{ name: string; rest: string }, { name: string; rest: string }];
  if (one.rest !== other.rest) throw new Error(`${to} is not like ${from}`);
  return [one.name, other.name];
}

export interface RunningProgram extends AsyncDisposable {
  /** What it has logged, as JSON. */
  readonly lines: Record<string, unknown>[];
  /** Resolves with the first line that has this message; rejects when the program ends without. */
  logged(message: RegExp): Promise<Record<string, unknown>>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  readonly exited: Promise<number | null>;
}

/** Runs a program that logs JSON lines; it is killed at the end. */
export function startProgram(
  args: readonly string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
): RunningProgram {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('DDS_'));
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Record<string, unknown>[] = [];
  let [text, said] = ['', ''];
  const watchers = new Set<() => void>();
  const take = (part: string) => {
    const whole = (text + part).split('\n');
    text = whole.pop() ?? '';
    for (const line of whole) lines.push(JSON.parse(line) as Record<string, unknown>);
    for (const watcher of watchers) watcher();
  };
  child.stdout!.setEncoding('utf8').on('data', take);
  child.stderr!.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      resolve(code);
      for (const watcher of watchers) watcher();
    });
  });
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  return {
    lines,
    exited,
    logged(message) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find(({ msg }) => message.test(String(msg)));
          if (!found && !isOver()) return;
          watchers.delete(look);
          if (found) resolve(found);
          else reject(new Error(`it ended without ${message}\n${JSON.stringify(lines)}\n${said}`));
        };
        watchers.add(look);
        look();
      });
    },
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
