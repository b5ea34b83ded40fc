import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Config } from '@oclif/core/config';
import { run } from '@oclif/core/run';
import { DdsError } from '../errors/index.ts';
import { FailedVerdict, wantsJson } from './command.ts';
import { toDdsError } from './errors.ts';
import { processState } from './process-state.ts';
import { painter } from './streams.ts';

/** Runs one command line and leaves the process with the exit code of the table in the documentation. */
export async function main(argv: string[]): Promise<void> {
  if (argv[0] === 'complete') {
    const { complete } = await import('./completion/complete.ts');
    await complete(argv.slice(1));
    process.exit(0);
  }
  const state = processState();
  let config: Config | undefined;
  let code = 0;
  try {
    config = await Config.load(fileURLToPath(new URL('../..', import.meta.url)));
    const line = withHelpFlag(argv);
    if (wantsJson(line) && !line.includes('--help')) rejectTopic(line, config);
    await run(line, config);
    code = state.interrupt.exitCode ?? 0;
  } catch (thrown) {
    if (isExit(thrown)) code = thrown.oclif.exit;
    // A pipe that closes in the middle of a command may surface anywhere; it is no error.
    else if (!state.stdoutClosed) {
      const printed = thrown instanceof FailedVerdict;
      const wasInterrupted = state.interrupt.exitCode !== undefined && isAbort(thrown);
      const cause = wasInterrupted
        ? new DdsError('DDS_FAILED', 'interrupted', { hint: 'Run it again.' })
        : thrown;
      const error = printed ? thrown.failure : toDdsError(cause, config, argv);
      show(error, argv, wantsJson(argv) && !printed);
      code = state.interrupt.exitCode ?? error.entry.exitCode;
    }
  }
  await new Promise<void>((resolve) => {
    if (state.stdoutClosed || state.stdoutFailure) resolve();
    else process.stdout.write('', () => resolve());
  });
  if (state.stdoutFailure) {
    const cause = state.stdoutFailure;
    const error = new DdsError('DDS_FAILED', `cannot write to standard output: ${cause.message}`, {
      hint: 'Make room where the output goes, then run it again.',
      cause,
    });
    show(error, argv, false);
    code = error.entry.exitCode;
  }
  process.exit(state.stdoutClosed ? 0 : code);
}

/** `dds help up` and `dds up -h` ask for what `dds up --help` shows. */
function withHelpFlag(argv: readonly string[]): string[] {
  if (argv[0] === 'help') return [...argv.slice(1), '--help'];
  const end = argv.indexOf('--');
  return argv.map((word, at) => (word === '-h' && (end < 0 || at < end) ? '--help' : word));
}

/** A group of commands alone shows its help, which is no JSON value. */
function rejectTopic(argv: readonly string[], config: Config): void {
  const words = argv.filter((word) => !word.startsWith('-')).join(' ');
  const id = words.replaceAll(' ', ':');
  if (config.findCommand(id) || !config.findTopic(id)) return;
  throw new DdsError('DDS_USAGE', `dds ${words} is a group of commands, not a command`, {
    hint: `dds ${words} --help lists them.`,
  });
}

const isAbort = (thrown: unknown) => thrown instanceof Error && thrown.name === 'AbortError';

function isExit(thrown: unknown): thrown is { oclif: { exit: number } } {
  const error = thrown as { code?: string; oclif?: { exit?: number } } | null;
  return error?.code === 'EEXIT' && error.oclif?.exit !== undefined;
}

/** Prints the error: as the one JSON value on stdout, or as a line and a hint on stderr. */
function show(error: DdsError, argv: readonly string[], asJson: boolean): void {
  if (asJson) process.stdout.write(`${JSON.stringify({ error: error.toBody() })}\n`);
  else {
    const paint = painter(process.stderr, process.env, argv.includes('--no-color') ? false : undefined);
    process.stderr.write(`${paint('red', 'error:')} ${error.message}\n`);
    process.stderr.write(`  ${paint('dim', `${error.hint} (${error.code})`)}\n`);
  }
  if (process.env.DDS_DEBUG || error.entry.kind === 'bug')
    process.stderr.write(`${inspect(error.cause ?? error, { depth: 4 })}\n`);
}
