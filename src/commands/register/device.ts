import { Flags } from '@oclif/core';
import { DdsCommand } from '../../cli/command.ts';
import { commaList } from '../../cli/job-flags.ts';
import { idArg, registrationFlags, registrationLine } from '../../cli/registration-flags.ts';
import type { RegisterResult } from '../../runtime/data/register.ts';

export default class RegisterDevice extends DdsCommand<RegisterResult> {
  static override summary = 'Register a device, which carries sensors.';
  static override description =
    'Waits until the broker of every chosen site has it. An id that is registered already gets the new entry.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> boiler-1 --name Boiler --location "Hall 2"',
  ];
  static override args = { id: idArg('device') };
  static override flags = {
    ...registrationFlags,
    location: Flags.string({ description: 'Where it stands, in free text.', default: '', helpValue: 'TEXT' }),
  };

  protected override async execute(): Promise<RegisterResult> {
    const { args, flags } = await this.parse(RegisterDevice);
    const { register } = await import('../../runtime/data/register.ts');
    const { name = args.id, description } = flags;
    return register(
      { kind: 'device', entry: { id: args.id, name, description, location: flags.location } },
      { stack: flags.stack, sites: flags.site === undefined ? undefined : commaList(flags.site) },
      this.context,
    );
  }

  protected override render({ kind, entry, sites }: RegisterResult): void {
    void this.print(registrationLine(kind.replace('-', ' '), entry.id, 'registered', sites));
  }
}
