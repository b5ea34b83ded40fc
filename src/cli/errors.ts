import type { Config } from '@oclif/core/config';
import { DdsError } from '../errors/index.ts';
import { nearNames } from '../shared/near-names.ts';
import { usageMessage } from './usage-message.ts';

/** The fields of oclif's errors that we read; its classes differ between copies of the package. */
interface OclifError extends Error {
  oclif?: { exit?: number };
  parse?: unknown;
  flags?: unknown;
  args?: unknown;
}

const isParseError = (error: OclifError) => error.oclif?.exit === 2 || error.parse !== undefined;

/** Turns whatever a command threw into the one error class; parser messages become one line. */
export function toDdsError(thrown: unknown, config: Config | undefined, argv: readonly string[]): DdsError {
  if (thrown instanceof DdsError) return thrown;
  const error = thrown as OclifError;
  if (error instanceof Error && isParseError(error)) {
    const unknown = /^command (.+) not found$/.exec(error.message);
    if (unknown) return unknownCommand(unknown[1] ?? '', config, argv);
    return usageError(error, config, argv);
  }
  return DdsError.from(thrown);
}

function unknownCommand(id: string, config: Config | undefined, argv: readonly string[]): DdsError {
  const name = id.replaceAll(':', ' ');
  if (name.startsWith('-')) {
    return new DdsError('DDS_USAGE', `a command has to come before ${name}`, {
      hint: 'Put flags after the command, as in dds status --json; dds --help lists all commands.',
    });
  }
  const command = commandOf(config, argv);
  if (command) {
    return new DdsError('DDS_USAGE', `dds ${command} takes no argument: ${name.slice(command.length + 1)}`, {
      hint: `dds ${command} --help shows what it takes.`,
    });
  }
  const ids = (config?.commandIDs ?? []).map((known) => known.replaceAll(':', ' '));
  const [guess] = nearNames(name, ids, 1);
  return new DdsError('DDS_UNKNOWN_COMMAND', `unknown command: ${name}`, {
    ...(guess && { hint: `Did you mean dds ${guess}? dds --help lists all commands.` }),
  });
}

function usageError(error: OclifError, config: Config | undefined, argv: readonly string[]): DdsError {
  const command = commandOf(config, argv);
  const name = command ? `dds ${command}` : 'dds';
  const guess = command && nearFlag(error, config, command);
  const hint = `${guess ? `Did you mean ${guess}? ` : ''}${name} --help shows what it takes.`;
  return new DdsError('DDS_USAGE', usageMessage(error), { hint, cause: error });
}

/** The longest command that the command line begins with, in words. */
function commandOf(config: Config | undefined, argv: readonly string[]): string | undefined {
  return config?.commandIDs
    .map((id) => id.split(':'))
    .filter((words) => words.every((word, at) => argv[at] === word))
    .sort((a, b) => b.length - a.length)[0]
    ?.join(' ');
}

function nearFlag({ flags }: OclifError, config: Config | undefined, command: string): string | undefined {
  const [typed] = Array.isArray(flags) ? flags : [];
  if (typeof typed !== 'string') return undefined;
  const known = Object.keys(config?.findCommand(command.replaceAll(' ', ':'))?.flags ?? {});
  return nearNames(
    typed,
    known.map((flag) => `--${flag}`),
    1,
  )[0];
}
