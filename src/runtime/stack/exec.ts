import { type ChildProcess, spawn } from 'node:child_process';
import { constants as access, accessSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { connectStack } from './connect.ts';
import { down } from './down.ts';
import { defaultSite, stackVariables } from './environment.ts';
import { livingOwner } from './ownership.ts';
import { type UpOptions, up } from './up.ts';
import { askedFor, isAsked } from './up-plan.ts';

export interface ExecOptions extends UpOptions {
  /** The program and its arguments. */
  command: readonly string[];
  /** Whose endpoints are in DDS_BROKERS and the like; default central. */
  site?: string | undefined;
  /** Leave the stack running. */
  keep?: boolean | undefined;
  /** Called when the command is about to start: from here on it is the one that signals are for. */
  onCommand?: () => void;
}

/**
 * Runs a command with the endpoints of a stack in its environment, and resolves with its exit code (128 + n after
 * signal n). A stack that was not running is started before and stopped after, whatever happens.
 */
export async function exec(options: ExecOptions, context: RuntimeContext): Promise<number> {
  const [program, ...args] = options.command;
  if (program === undefined) {
    throw new DdsError('DDS_USAGE', 'no command to run was given', {
      hint: 'Put it after --, as in dds exec -- npm test.',
    });
  }
  findProgram(program, context);
  if (options.site !== undefined) await checkSite(options.site, options, context);
  const { started, status } = await up(options, context);
  try {
    if (context.signal.aborted) return 130;
    const connection = await connectStack(context, { stack: status.stack });
    const site = options.site === undefined ? null : (await connection.sites([options.site]))[0];
    const variables = stackVariables(status, site ?? defaultSite(status.sites));
    const env = { ...context.env, ...variables };
    return await run(() => spawn(program, args, { cwd: context.cwd, env, stdio: 'inherit' }), options);
  } finally {
    // What interrupted the command must not interrupt the stopping.
    const calm = { ...context, signal: new AbortController().signal };
    if (started && !options.keep) await down({ stack: status.stack }, calm);
  }
}

/** Throws DDS_UNKNOWN_SITE before anything is started. What runs already is asked later. */
async function checkSite(site: string, options: ExecOptions, context: RuntimeContext): Promise<void> {
  const { topology, directory } = await askedFor(options, context);
  if (livingOwner(directory) && !isAsked(options, topology)) return;
  const sites = topology.sites.map(({ name }) => name);
  if (sites.includes(site)) return;
  throw new DdsError('DDS_UNKNOWN_SITE', `no site "${site}" in this stack`, {
    hint: `Its sites are ${sites.join(', ')}. Nothing was started.`,
  });
}

/** Looked for before anything is started. Throws DDS_USAGE. */
function findProgram(program: string, { cwd, env }: RuntimeContext): void {
  const places = program.includes('/')
    ? [resolve(cwd, program)]
    : (env.PATH ?? '').split(delimiter).map((directory) => join(directory || '.', program));
  if (places.some(isExecutable)) return;
  throw new DdsError('DDS_USAGE', `there is no command ${program}`, {
    hint: 'Check its name, its path and its rights; nothing was started.',
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, access.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function run(start: () => ChildProcess, { command, onCommand }: ExecOptions): Promise<number> {
  return new Promise((settle, reject) => {
    let signals = 0;
    // A terminal has sent its Ctrl-C to the command already; any other signal was for us alone. The second one ends it.
    const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    const pass = (name: NodeJS.Signals) => {
      signals++;
      if (signals > 1) child.kill('SIGKILL');
      else if (name !== 'SIGINT' || !terminal) child.kill(name);
    };
    // Listened to before the command runs and before others stop listening: a signal that comes between ends nobody.
    for (const name of forwarded) process.on(name, pass);
    onCommand?.();
    const child = start();
    const done = () => {
      // The stopping that follows is not cut off by an impatient key.
      for (const name of forwarded) process.on(name, ignore);
      for (const name of forwarded) process.off(name, pass);
    };
    child.once('error', (cause) => {
      done();
      reject(
        new DdsError('DDS_USAGE', `cannot run ${command[0]}: ${cause.message}`, {
          hint: 'Check its name, its path and its rights.',
          cause,
        }),
      );
    });
    child.once('exit', (code, signal) => {
      done();
      settle(code ?? 128 + constants.signals[signal ?? 'SIGTERM']);
    });
  });
}

const ignore = () => undefined;
