import { execa } from 'execa';
import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { installCommand, type PackageManager } from './package-managers.ts';

/** Throws DDS_TOOL, with the end of what it said as `details.log`. */
export async function installDependencies(
  directory: string,
  packageManager: PackageManager,
  context: RuntimeContext,
): Promise<void> {
  const quiet = packageManager === 'npm' ? ['--no-audit', '--no-fund', '--no-progress'] : [];
  const [program = '', ...args] = installCommand(packageManager).split(' ');
  context.report(`installing the dependencies with ${packageManager}`);
  await runTool([program, ...args, ...quiet], directory, context, '--no-install');
}

export async function initGit(directory: string, context: RuntimeContext): Promise<void> {
  await runTool(['git', 'init', '--quiet'], directory, context, '--no-git');
}

export const interrupted = (): DdsError =>
  new DdsError('DDS_FAILED', 'interrupted; nothing was left behind', { hint: 'Run it again.' });

/** npm asks for one package after the other and waits 10 s and more between attempts: offline that takes minutes. */
const impatient = { npm_config_fetch_retry_mintimeout: '200', npm_config_fetch_retry_factor: '3' };

/** How long a program may take to end. */
const patienceMs = 2000;

/** Runs a program in a group of its own: it ends with all its children before we take away what it writes to. */
async function runTool(
  [program = '', ...args]: readonly string[],
  cwd: string,
  { env, signal }: RuntimeContext,
  without: string,
): Promise<void> {
  if (signal.aborted) throw interrupted();
  const running = execa(program, args, {
    ...{
      cwd,
      env: { ...impatient, ...env },
      extendEnv: false,
      stdin: 'ignore',
      all: true,
      reject: false,
      detached: true,
    },
  });
  const kill = (name: NodeJS.Signals) => {
    try {
      if (running.pid) process.kill(-running.pid, name);
    } catch {
      // It has ended.
    }
  };
  const killNow = () => kill('SIGKILL');
  let late: NodeJS.Timeout | undefined;
  const interrupt = () => {
    kill('SIGTERM');
    late = setTimeout(killNow, patienceMs);
  };
  process.on('exit', killNow);
  signal.addEventListener('abort', interrupt);
  try {
    const { exitCode, failed, all = '', cause } = await running;
    if (signal.aborted) throw interrupted();
    if (!failed) return;
    const missing = (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
    const shown = [program, ...args.filter((arg) => !arg.startsWith('-'))].join(' ');
    const log = all.split('\n').filter((line) => line.trim() !== '');
    throw new DdsError(
      'DDS_TOOL',
      missing
        ? `${program} is not installed, or not in PATH`
        : `${shown} failed (exit code ${exitCode}): ${reason(log)}`,
      {
        hint: `Correct that and run it again, or add ${without}; nothing was left behind.`,
        details: { program, exitCode: exitCode ?? null, log: log.slice(-20) },
        cause,
      },
    );
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', interrupt);
    process.off('exit', killNow);
    killNow();
  }
}

/** The line that tells most. */
function reason(log: readonly string[]): string {
  // What npm needs and what it has stand on a line each.
  const notSupported = log.filter((line) => line.startsWith('npm error notsup '));
  if (notSupported.length > 0)
    return notSupported.map((line) => line.replace(/^npm error notsup +/, '')).join('; ');
  const errors = log.filter(
    (line) => /\berr(or)?\b/i.test(line) && !/A complete log|^npm error (code|syscall|errno) /.test(line),
  );
  return (errors[0] ?? log.at(-1) ?? 'it said nothing').replace(/^npm error\s*/, '').trim();
}
