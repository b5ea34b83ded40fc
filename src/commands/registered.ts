import { Args, Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { commaList } from '../cli/job-flags.ts';
import { registrationTables } from '../cli/registration-view.ts';
import type { RegisteredResult } from '../runtime/data/registered.ts';

const kinds = { devices: 'devices', sensors: 'sensors', 'sensor-types': 'sensorTypes' } as const;

export default class Registered extends DdsCommand<RegisteredResult> {
  static override summary = 'List the registered devices, sensors and sensor types.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> sensors --site edge-1 --json',
  ];
  static override args = {
    kind: Args.string({
      description: 'What to list. [default: everything]',
      options: Object.keys(kinds),
      ignoreStdin: true,
    }),
  };
  static override flags = {
    site: Flags.string({ char: 's', description: 'Sites, separated by commas, or all.', default: 'all' }),
  };

  protected override async execute(): Promise<RegisteredResult> {
    const { args, flags } = await this.parse(Registered);
    const { registered } = await import('../runtime/data/registered.ts');
    const kind = args.kind as keyof typeof kinds | undefined;
    return registered(
      { stack: flags.stack, sites: commaList(flags.site), kinds: kind && [kinds[kind]] },
      this.context,
    );
  }

  protected override render(result: RegisteredResult): void {
    void this.print(registrationTables(result, this.paint));
  }
}
