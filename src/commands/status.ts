import { Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { loadView } from '../cli/load-view.ts';
import { stackTable } from '../cli/stack-table.ts';
import { statusLine, statusSample } from '../cli/status-line.ts';
import type { StackStatus } from '../runtime/stack/types.ts';
import { parseTime } from '../shared/parse-time.ts';
import { isInteractive } from '../shared/terminal.ts';
import { colourCount } from '../tui/theme.ts';

export default class Status extends DdsCommand<StackStatus | undefined> {
  static override summary = 'Show the services of the running stack, and where its sites can be reached.';
  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status --json',
    '<%= config.bin %> status --watch --interval 2s | head -n 3',
  ];
  static override flags = {
    watch: Flags.boolean({
      char: 'w',
      description:
        'On a terminal the view of dds top. Else one line each interval, until Ctrl-C: time, state, rates, lag, services that are not ready.',
    }),
    interval: Flags.string({
      description:
        'Time between two looks of --watch: 500ms, 2s, 1m. [default: 1s in the view, 2s for lines]',
      helpValue: 'TIME',
      dependsOn: ['watch'],
    }),
  };

  protected override async execute(): Promise<StackStatus | undefined> {
    const { flags } = await this.parse(Status);
    if (!flags.watch) {
      const { status } = await import('../runtime/stack/status.ts');
      return status(flags, this.context);
    }
    if (!this.json && isInteractive(process, process.env)) {
      const { stdin, stdout, env } = process;
      const { showTop } = await loadView(() => import('../tui/top/show-top.ts'));
      const intervalMs = parseTime(flags.interval ?? '1s', '--interval');
      const screen = { stdin, stdout, colours: colourCount(stdout, env, this.wantsColour) };
      this.note(await showTop({ stack: flags.stack, intervalMs }, this.context, screen));
      return undefined;
    }
    const { watchStack } = await import('../runtime/data/top/watch-stack.ts');
    const intervalMs = parseTime(flags.interval ?? '2s', '--interval');
    const options = { stack: flags.stack, intervalMs, settled: true, untilDown: true };
    for await (const look of watchStack(options, this.context)) {
      await this.print(this.json ? `${JSON.stringify(statusSample(look))}\n` : statusLine(look));
    }
    return undefined;
  }

  protected override render(result: StackStatus | undefined): void {
    if (result) void this.print(stackTable(result, this.paint));
  }
}
