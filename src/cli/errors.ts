import type { Config } from '@oclif/core/config';
import { DdsError } from '../errors/index.ts';
import { nearNames } from '../shared/near-names.ts';

/** The fields of oclif's errors that we read; its classes differ between copies of the package. */
interface OclifError extends Error {
  oclif?: { exit?: number };
  parse?: unknown;
  flags?: unknown;
}

const isParseError = (error: OclifError) => error.oclif?.exit === 2 || error.parse !== undefined;

/** Turns whatever a command threw into the one error class; parser messages become one line. */
export function toDdsError(thrown: unknown, config: Config | undefined, argv: readonly string[]): DdsError {
  if (thrown instanceof DdsError) return thrown;
  const error = thrown as OclifError;
  if (error instanceof Error && isParseError(error)) {
    const unknown = /^command (.+) not found$/.exec(error.message);
    if (unknown) return unknownCommand(unknown[1] ?? '', config);
    return usageError(error, config, argv);
  }
  return DdsError.from(thrown);
}

function unknownCommand(id: string, config: Config | undefined): DdsError {
  const name = id.replaceAll(':', ' ');
  const ids = (config?.commandIDs ?? []).map((known) => known.replaceAll(':', ' '));
  const [guess] = nearNames(name, ids, 1);
  return new DdsError('DDS_UNKNOWN_COMMAND', `unknown command: ${name}`, {
    ...(guess && { hint: `Did you mean dds ${guess}? dds --help lists all commands.` }),
  });
}

function usageError(error: OclifError, config: Config | undefined, argv: readonly string[]): DdsError {
  const message = error.message
    .replace(/\nSee more help with --help$/, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join(' ');
  const command = config?.commandIDs
    .map((id) => id.split(':'))
    .filter((words) => words.every((word, at) => argv[at] === word))
    .sort((a, b) => b.length - a.length)[0];
  const name = command ? `dds ${command.join(' ')}` : 'dds';
  return new DdsError('DDS_USAGE', message, { hint: `${name} --help shows what it takes.`, cause: error });
}
