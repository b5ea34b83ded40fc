import { Flags, type Interfaces } from '@oclif/core';
import { DdsError } from '../errors/index.ts';
import type { TailOptions } from '../runtime/data/tail/tail.ts';
import { type Env, hasScreen, isInteractive, type TerminalStreams } from '../shared/terminal.ts';
import { commaList } from './job-flags.ts';

/** What `dds tail` can be told. */
export const tailFlags = {
  site: Flags.string({
    char: 's',
    description: 'Sites, separated by commas, or all.',
    default: 'all',
    helpValue: 'NAMES',
  }),
  partition: Flags.string({
    char: 'p',
    description: 'Partitions, separated by commas. [default: all]',
    helpValue: 'LIST',
  }),
  from: Flags.string({
    char: 'o',
    description: 'Where to begin. [default: newest; oldest with --to or -e]',
    helpValue: 'POSITION',
  }),
  to: Flags.string({
    description: 'Where to stop: a position, or now.',
    helpValue: 'POSITION',
    exclusive: ['exit-at-end'],
  }),
  last: Flags.integer({
    char: 'n',
    description: 'Begin with the last N records of each topic.',
    min: 0,
    exclusive: ['from', 'to'],
    helpValue: 'N',
  }),
  count: Flags.integer({ char: 'c', description: 'Stop after N records.', min: 1, helpValue: 'N' }),
  grep: Flags.string({
    description: 'Only records in whose key, value or headers this regular expression is found.',
    multiple: true,
    helpValue: 'REGEX',
  }),
  'grep-v': Flags.string({
    description: 'No records in which this regular expression is found.',
    multiple: true,
    helpValue: 'REGEX',
  }),
  key: Flags.string({
    char: 'k',
    description: 'Only records whose key fits this glob or /regex/.',
    multiple: true,
    helpValue: 'GLOB',
  }),
  header: Flags.string({
    description: 'Only records with such a header.',
    multiple: true,
    helpValue: 'NAME=GLOB',
  }),
  where: Flags.string({
    description: 'Only records for which this expression (CEL) is true.',
    helpValue: 'EXPRESSION',
  }),
  format: Flags.string({
    char: 'f',
    description:
      "How a record is shown, with kcat's tokens: %t %p %o %k %s %T %h, %{site}, %{value.FIELD}, %d{iso}.",
    helpValue: 'FORMAT',
    exclusive: ['json'],
  }),
  'idle-timeout': Flags.string({
    description: 'Stop when no record has come for this long: 500ms, 5s, 1m.',
    helpValue: 'TIME',
  }),
  group: Flags.string({
    char: 'g',
    description: 'Also tell the lag of this consumer group. It is not joined.',
    helpValue: 'GROUP',
  }),
  'exit-at-end': Flags.boolean({ char: 'e', description: 'Stop at the end as it was at the start.' }),
  strict: Flags.boolean({ description: 'Exit with 5 when a record could not be decoded.' }),
  live: Flags.boolean({
    description:
      'Show the live view, or with --no-live lines. [default: the view on a terminal, when the tail has no end]',
    allowNo: true,
  }),
};

export type TailFlags = Interfaces.InferredFlags<typeof tailFlags> & {
  json?: boolean;
  stack?: string | undefined;
};

/** The flags as the runtime takes them. Throws DDS_USAGE. */
export function tailOptions(
  topics: readonly string[],
  flags: TailFlags,
): Omit<TailOptions, 'format' | 'paint' | 'write'> {
  return {
    stack: flags.stack,
    topics,
    sites: commaList(flags.site),
    partitions: flags.partition === undefined ? undefined : partitions(flags.partition),
    from: flags.from,
    to: flags.to,
    last: flags.last,
    count: flags.count,
    exitAtEnd: flags['exit-at-end'],
    strict: flags.strict,
    ...{ idleTimeout: flags['idle-timeout'], group: flags.group },
    ...{ grep: flags.grep, grepNot: flags['grep-v'], keys: flags.key },
    ...{ headers: flags.header, where: flags.where },
  };
}

/** `0,2` → [0, 2] */
function partitions(text: string): number[] {
  return commaList(text).map((part) => {
    if (/^\d{1,9}$/.test(part)) return Number(part);
    throw new DdsError('DDS_USAGE', `--partition ${part} is not a partition`, {
      hint: 'Give numbers from 0, separated by commas.',
    });
  });
}

/**
 * True when the live view is to be shown: on a terminal, when nothing asks for lines. A tail that ends prints lines, which
 * are still there afterwards. Throws DDS_USAGE when --live asks for what cannot be.
 */
export function wantsView(flags: TailFlags, { stdin, stdout, env }: TerminalStreams & { env: Env }): boolean {
  const forLines = {
    '--json': flags.json === true,
    '--format': flags.format !== undefined,
    '--to': flags.to !== undefined,
    '--exit-at-end': flags['exit-at-end'],
    '--count': flags.count !== undefined,
    '--idle-timeout': flags['idle-timeout'] !== undefined,
    '--strict': flags.strict,
  };
  const lines = Object.entries(forLines).find(([, isGiven]) => isGiven)?.[0];
  if (!flags.live)
    return flags.live === undefined && lines === undefined && isInteractive({ stdin, stdout }, env);
  if (lines !== undefined) {
    throw new DdsError('DDS_USAGE', `--live and ${lines} exclude each other`, {
      hint: `Leave one of them away.`,
    });
  }
  if (hasScreen({ stdin, stdout }, env)) return true;
  throw new DdsError('DDS_USAGE', '--live needs a terminal on stdin and stdout', {
    hint: 'Leave --live away for one JSON object a line.',
  });
}
