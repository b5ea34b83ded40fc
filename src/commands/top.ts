import { Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { loadView } from '../cli/load-view.ts';
import { statusLine } from '../cli/status-line.ts';
import { parseTime } from '../shared/parse-time.ts';
import { isInteractive } from '../shared/terminal.ts';
import { colourCount } from '../tui/theme.ts';

export default class Top extends DdsCommand {
  static override summary = 'Watch sites, links, jobs, consumer groups and events of the running stack.';
  static override description =
    'On a terminal it is a view; ? in it shows the keys. Anywhere else it prints a line each interval. A stack that goes down is waited for.';
  static override examples = [
    '<%= config.bin %> top',
    '<%= config.bin %> top -n 3 --interval 500ms',
    '<%= config.bin %> top --json -n 1',
  ];
  static override flags = {
    interval: Flags.string({
      description: 'Time between two looks: 500ms, 2s, 1m. [default: 1s in the view, 2s for lines]',
      helpValue: 'TIME',
    }),
    count: Flags.integer({
      char: 'n',
      description: 'Print N lines instead of the view, then stop.',
      min: 1,
      helpValue: 'N',
    }),
  };

  protected override async execute(): Promise<void> {
    const { flags } = await this.parse(Top);
    const { stack, interval, count } = flags;
    if (!this.json && count === undefined && isInteractive(process, process.env)) {
      const { stdin, stdout, env } = process;
      const { showTop } = await loadView(() => import('../tui/top/show-top.ts'));
      const intervalMs = parseTime(interval ?? '1s', '--interval');
      const screen = { stdin, stdout, colours: colourCount(stdout, env, this.wantsColour) };
      this.note(await showTop({ stack, intervalMs }, this.context, screen));
      return;
    }
    const { watchStack } = await import('../runtime/data/top/watch-stack.ts');
    const intervalMs = parseTime(interval ?? '2s', '--interval');
    let printed = 0;
    for await (const look of watchStack({ stack, intervalMs, settled: true }, this.context)) {
      await this.print(this.json ? `${JSON.stringify(look)}\n` : statusLine(look));
      if (++printed === count) break;
    }
  }
}
