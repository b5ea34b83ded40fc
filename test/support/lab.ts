import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DownResult } from '../../src/runtime/stack/down.ts';
import { down } from '../../src/runtime/stack/down.ts';
import { stackMarker, supervisorMarker } from '../../src/runtime/stack/leftovers.ts';
import { withEnvironment } from '../../src/runtime/stack/process-table.ts';
import { runDirectory } from '../../src/runtime/stack/run-directory.ts';
import { type StateDirectory, stateDirectory } from '../../src/runtime/stack/state-directory.ts';
import { status } from '../../src/runtime/stack/status.ts';
import type { ServiceStatus, StackStatus } from '../../src/runtime/stack/types.ts';
import { type UpOptions, type UpResult, up } from '../../src/runtime/stack/up.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { RuntimeContext } from '../../src/shared/context.ts';

const upEntry = fileURLToPath(new URL('./up-process.ts', import.meta.url));

/** Resolves with the first value that is neither null nor false; fails after the deadline. */
export async function eventually<T>(
  what: string,
  probe: () => T | null | false | Promise<T | null | false>,
  deadlineMs = 10_000,
): Promise<T> {
  const until = performance.now() + deadlineMs;
  for (;;) {
    const value = await probe();
    if (value !== null && value !== false) return value;
    if (performance.now() > until) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function temporaryDirectory(): { path: string } & Disposable {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'dds-stack-')));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export function contextIn(
  cwd: string,
  signal = new AbortController().signal,
): RuntimeContext & { lines: string[] } {
  const lines: string[] = [];
  const { DDS_STACK: _, ...env } = process.env;
  return { cwd, env, signal, clock: systemClock, lines, report: (line) => lines.push(line) };
}

/** A job that goes on until it is told to stop. */
export const steadyJob = "[sh, -c, 'echo at work; exec sleep 1000']";

export interface Lab extends AsyncDisposable {
  readonly cwd: string;
  readonly directory: StateDirectory;
  readonly context: ReturnType<typeof contextIn>;
  writeTopology(jobs?: Record<string, string>): void;
  up(options?: UpOptions): Promise<UpResult>;
  /** `up` in a process of its own, which can be killed. */
  startUp(): ChildProcess;
  down(purge?: boolean): Promise<DownResult>;
  status(): Promise<StackStatus>;
  service(name: string): Promise<ServiceStatus>;
  /** Pids of everything that belongs to the stack. */
  processes(): number[];
  readonly sockets: string;
}

/** A directory with one small site in its dds.yaml, on free ports. */
export function lab(): Lab {
  const temporary = temporaryDirectory();
  const cwd = temporary.path;
  const directory = stateDirectory(cwd, 'test');
  const context = contextIn(cwd);
  const made: Lab = {
    ...{ cwd, directory, context },
    sockets: runDirectory(directory.path),
    writeTopology(jobs = { steady: steadyJob }) {
      const text = Object.entries(jobs).map(
        ([name, command]) => `  ${name}: { sites: edge-1, command: ${command} }`,
      );
      writeFileSync(
        join(cwd, 'dds.yaml'),
        ['name: test', 'sites:', '  edge-1: {}', 'topics:', '  readings: {}', 'jobs:', ...text, ''].join(
          '\n',
        ),
      );
    },
    up: (options = {}) => up({ ports: 'auto', ...options }, context),
    startUp: () =>
      spawn(process.execPath, [upEntry], { cwd, env: context.env, stdio: ['ignore', 'pipe', 'pipe'] }),
    down: (purge = false) => down({ purge, stack: 'test' }, context),
    status: () => status({}, context),
    async service(name) {
      const found = (await made.status()).services.find(({ service }) => service === name);
      if (!found) throw new Error(`no service ${name}`);
      return found;
    },
    processes: () =>
      [stackMarker, supervisorMarker].flatMap((marker) =>
        withEnvironment(marker, directory.path).map(({ pid }) => pid),
      ),
    async [Symbol.asyncDispose]() {
      await made.down(true);
      temporary[Symbol.dispose]();
    },
  };
  made.writeTopology();
  return made;
}
