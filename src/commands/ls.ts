import { DdsCommand } from '../cli/command.ts';
import { formatTable } from '../cli/table.ts';
import type { ListStacksResult } from '../runtime/stack/list-stacks.ts';

export default class Ls extends DdsCommand<ListStacksResult> {
  static override summary = 'List the stacks of this machine, of every directory.';
  static override description =
    'Stacks that run, what a killed one has left, and the stopped ones of this directory. A stack is "silent" when its supervisor lives but does not answer, "dead" when it was killed.';
  static override examples = ['<%= config.bin %> ls', '<%= config.bin %> ls --json'];

  protected override async execute(): Promise<ListStacksResult> {
    await this.parse(Ls);
    const { listStacks } = await import('../runtime/stack/list-stacks.ts');
    return listStacks(this.context);
  }

  protected override render({ stacks }: ListStacksResult): void {
    if (stacks.length === 0) {
      this.note('No stack runs on this machine. Start one with dds up --sites 2.');
      return;
    }
    const rows = stacks.map(({ stack, state, sites, ports, startedAt, directory, runDirectory }) => [
      stack ?? '–',
      state,
      sites.join(',') || '–',
      ports.join(',') || '–',
      startedAt?.slice(0, 19).replace('T', ' ') ?? '–',
      directory ?? runDirectory ?? '–',
    ]);
    const head = ['STACK', 'STATE', 'SITES', 'PORTS', 'STARTED (UTC)', 'DIRECTORY'];
    void this.print(formatTable(head, rows, { paint: this.paint }));
  }
}
