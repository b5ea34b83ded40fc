import { Args } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { commaList } from '../cli/job-flags.ts';
import { processState } from '../cli/process-state.ts';
import { tailFlags } from '../cli/tail-flags.ts';
import { DdsError } from '../errors/index.ts';
import type { TailOptions } from '../runtime/data/tail/tail.ts';

export default class Tail extends DdsCommand {
  static override summary = 'Show records of any topics of any sites, decoded, live.';
  static override description =
    'On a terminal records are shown as lines to read, in a pipe (or with --json) as one JSON object a line. Positions ' +
    'are newest, oldest, an offset, -N from the end, -5m, today, @ms, or a time such as 2026-01-31T08:00:00Z. ' +
    'Nothing is committed and no consumer group is joined.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    "<%= config.bin %> <%= command.id %> 'temperature-*' --site edge-1,central",
    '<%= config.bin %> <%= command.id %> device-registration --from oldest -e',
    '<%= config.bin %> <%= command.id %> temperature-data --from -5m --to now | jq .value.temperature',
    `<%= config.bin %> <%= command.id %> temperature-data --where 'value.temperature > 30.0 && site == "central"' --from oldest -e`,
    `<%= config.bin %> <%= command.id %> temperature-data -f '%{site} %d{iso} %{value.temperature}\\n' --from oldest -c 3`,
  ];
  static override args = {
    topics: Args.string({
      description: 'Names, globs or /regex/. [default: all but internal ones]',
      multiple: true,
      ignoreStdin: true,
    }),
  };
  static override flags = tailFlags;

  protected override async execute(): Promise<void> {
    const { args, flags } = await this.parse(Tail);
    const text = process.stdout.isTTY === true && !flags.json;
    const options: TailOptions = {
      stack: flags.stack,
      topics: args.topics ?? [],
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
      format:
        flags.format !== undefined
          ? { template: flags.format, forTerminal: process.stdout.isTTY === true }
          : text
            ? 'text'
            : 'json',
      paint: this.paint,
      write: (lines) => this.print(lines),
    };
    const { tail } = await import('../runtime/data/tail/tail.ts');
    const { records, scanned, undecodable, topics, sites } = await tail(options, this.context);
    if (processState().stdoutClosed) return;
    if (text || this.context.signal.aborted) {
      this.note(`${count(records, 'record')} of ${count(topics, 'topic')} at ${count(sites, 'site')}`);
    }
    if (scanned > records)
      this.note(`${records.toLocaleString('en')} of ${scanned.toLocaleString('en')} records matched`);
    if (undecodable > 0) this.note(`${undecodable} of ${scanned} records could not be decoded`);
  }
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** `0,2` → [0, 2] */
function partitions(text: string): number[] {
  return commaList(text).map((part) => {
    if (/^\d{1,9}$/.test(part)) return Number(part);
    throw new DdsError('DDS_USAGE', `--partition ${part} is not a partition`, {
      hint: 'Give numbers from 0, separated by commas.',
    });
  });
}
