import { Args } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { loadView } from '../cli/load-view.ts';
import { processState } from '../cli/process-state.ts';
import { tailFlags, tailOptions, wantsView } from '../cli/tail-flags.ts';
import { colourCount } from '../tui/theme.ts';

export default class Tail extends DdsCommand {
  static override summary = 'Show records of any topics of any sites, decoded, live.';
  static override description =
    'On a terminal a view with rates, lag and the records of all sites by time; ? shows its keys. With an end (-e, --to, -c, ' +
    '--idle-timeout), --no-live, NO_COLOR or in CI: lines to read. In a pipe, or with --json: one JSON object a line. Positions ' +
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
    const options = tailOptions(args.topics ?? [], flags);
    if (wantsView(flags, process)) await this.#showView(options);
    else await this.#printLines(options, flags);
  }

  async #showView(options: ReturnType<typeof tailOptions>): Promise<void> {
    const { stdin, stdout } = process;
    const { showTail } = await loadView(() => import('../tui/tail/show-tail.ts'));
    const colours = colourCount(stdout, process.env, this.wantsColour);
    const { filter, ...shown } = await showTail(options, this.context, { stdin, stdout, colours });
    this.#summarise(shown);
    if (filter) this.note(`${number(filter.matched)} of ${number(filter.scanned)} records matched`);
  }

  async #printLines(
    options: ReturnType<typeof tailOptions>,
    { format, json }: { format?: string | undefined; json?: boolean },
  ): Promise<void> {
    const forTerminal = process.stdout.isTTY === true;
    const text = forTerminal && !json;
    const { tail } = await import('../runtime/data/tail/tail.ts');
    const { records, scanned, undecodable, topics, sites } = await tail(
      {
        ...options,
        format: format === undefined ? (text ? 'text' : 'json') : { template: format, forTerminal },
        paint: this.paint,
        write: (lines) => this.print(lines),
      },
      this.context,
    );
    if (processState().stdoutClosed) return;
    if (text || this.context.signal.aborted) this.#summarise({ records, topics, sites });
    if (scanned > records) this.note(`${number(records)} of ${number(scanned)} records matched`);
    if (undecodable > 0) this.note(`${undecodable} of ${scanned} records could not be decoded`);
  }

  #summarise({ records, topics, sites }: { records: number; topics: number; sites: number }): void {
    this.note(`${count(records, 'record')} of ${count(topics, 'topic')} at ${count(sites, 'site')}`);
  }
}

const number = (value: number) => value.toLocaleString('en');
const count = (value: number, noun: string) => `${number(value)} ${noun}${value === 1 ? '' : 's'}`;
