import { Flags } from '@oclif/core';
import { DdsCommand } from '../../cli/command.ts';
import { commaList } from '../../cli/job-flags.ts';
import { idArg, registrationFlags, registrationLine } from '../../cli/registration-flags.ts';
import type { RegisterResult } from '../../runtime/data/register.ts';

export default class RegisterSensor extends DdsCommand<RegisterResult> {
  static override summary = 'Register a sensor of a device.';
  static override description =
    'Waits until the broker of every chosen site has it. An id that is registered already gets the new entry.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> boiler-1-flow --device boiler-1 --type pt100',
  ];
  static override args = { id: idArg('sensor') };
  static override flags = {
    ...registrationFlags,
    device: Flags.string({
      description: 'Id of the device that carries it.',
      required: true,
      helpValue: 'ID',
    }),
    type: Flags.string({ description: 'Id of its sensor type.', required: true, helpValue: 'ID' }),
    check: Flags.boolean({
      description: 'Check that device and type are registered.',
      allowNo: true,
      default: true,
    }),
  };

  protected override async execute(): Promise<RegisterResult> {
    const { args, flags } = await this.parse(RegisterSensor);
    const { register } = await import('../../runtime/data/register.ts');
    const { name = args.id, description } = flags;
    return register(
      {
        kind: 'sensor',
        entry: { id: args.id, name, description, deviceId: flags.device, sensorTypeId: flags.type },
      },
      {
        stack: flags.stack,
        sites: flags.site === undefined ? undefined : commaList(flags.site),
        check: flags.check,
      },
      this.context,
    );
  }

  protected override render({ kind, entry, sites }: RegisterResult): void {
    void this.print(registrationLine(kind.replace('-', ' '), entry.id, 'registered', sites));
  }
}
