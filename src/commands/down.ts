import { Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import type { DownResult } from '../runtime/stack/down.ts';

export default class Down extends DdsCommand<DownResult> {
  static override summary = 'Stop the stack and all that belongs to it.';
  static override description =
    'Jobs stop first, then the sites. The data stays for the next dds up, unless --purge is given. It also clears what a killed supervisor left. When nothing runs, it says so and ends with 0.';
  static override examples = ['<%= config.bin %> down', '<%= config.bin %> down --purge'];

  static override flags = {
    purge: Flags.boolean({ description: "Remove the stack's directory with all its data." }),
  };

  protected override async execute(): Promise<DownResult> {
    const { flags } = await this.parse(Down);
    const { down } = await import('../runtime/stack/down.ts');
    return down(flags, this.context);
  }

  protected override render({ stack, outcome, purged }: DownResult): void {
    const lines = {
      stopped: `The stack "${stack}" is down.`,
      cleaned: `The stack "${stack}" was not running; what was left of it is removed.`,
      none: stack ? `The stack "${stack}" is not running.` : 'There is no stack here.',
    };
    this.note(lines[outcome]);
    if (purged) this.note('Its data is removed.');
  }
}
