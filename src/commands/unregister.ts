import { Args, Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { commaList } from '../cli/job-flags.ts';
import { idArg, registrationLine } from '../cli/registration-flags.ts';
import type { UnregisterOptions, UnregisterResult } from '../runtime/data/unregister.ts';

export default class Unregister extends DdsCommand<UnregisterResult> {
  static override summary = 'Remove a device, sensor or sensor type from what is registered.';
  static override description =
    'Its measurements stay. What sensors still refer to is only removed with --force.';
  static override examples = ['<%= config.bin %> <%= command.id %> sensor boiler-1-flow'];
  static override args = {
    kind: Args.string({
      description: 'What to remove.',
      options: ['device', 'sensor', 'sensor-type'],
      required: true,
      ignoreStdin: true,
    }),
    id: idArg('entry'),
  };
  static override flags = {
    site: Flags.string({
      char: 's',
      description: 'Sites, separated by commas, or all. [default: the edge sites that have it]',
      helpValue: 'SITE',
    }),
    force: Flags.boolean({ description: 'Remove it also when sensors refer to it.' }),
  };

  protected override async execute(): Promise<UnregisterResult> {
    const { args, flags } = await this.parse(Unregister);
    const { unregister } = await import('../runtime/data/unregister.ts');
    return unregister(
      {
        stack: flags.stack,
        sites: flags.site === undefined ? undefined : commaList(flags.site),
        kind: args.kind as UnregisterOptions['kind'],
        id: args.id,
        force: flags.force,
      },
      this.context,
    );
  }

  protected override render({ kind, id, sites }: UnregisterResult): void {
    void this.print(registrationLine(kind.replace('-', ' '), id, 'removed', sites));
  }
}
