import { Flags } from '@oclif/core';
import { DdsCommand } from '../../cli/command.ts';
import { commaList } from '../../cli/job-flags.ts';
import { idArg, registrationFlags, registrationLine } from '../../cli/registration-flags.ts';
import type { RegisterResult } from '../../runtime/data/register.ts';

export default class RegisterSensorType extends DdsCommand<RegisterResult> {
  static override summary = 'Register a type of sensors.';
  static override description =
    'Waits until the broker of every chosen site has it. An id that is registered already gets the new entry.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> pt100 --name "PT100 thermometer" --unit C',
  ];
  static override args = { id: idArg('sensor type') };
  static override flags = {
    ...registrationFlags,
    unit: Flags.string({
      description: 'Unit of the measurements, as a symbol.',
      default: '',
      helpValue: 'TEXT',
    }),
  };

  protected override async execute(): Promise<RegisterResult> {
    const { args, flags } = await this.parse(RegisterSensorType);
    const { register } = await import('../../runtime/data/register.ts');
    const { name = args.id, description } = flags;
    return register(
      { kind: 'sensor-type', entry: { id: args.id, name, description, unit: flags.unit } },
      { stack: flags.stack, sites: flags.site === undefined ? undefined : commaList(flags.site) },
      this.context,
    );
  }

  protected override render({ kind, entry, sites }: RegisterResult): void {
    void this.print(registrationLine(kind.replace('-', ' '), entry.id, 'registered', sites));
  }
}
