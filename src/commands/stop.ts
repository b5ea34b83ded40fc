import { ServicesCommand } from '../cli/services-command.ts';
import type { ServiceActionResult } from '../runtime/stack/service-control.ts';

export default class Stop extends ServicesCommand {
  static override summary = 'Stop services of the running stack, or a whole site; the rest goes on.';
  static override description =
    'A stopped site is what a site without power is to the others: its relay waits for it. It stays stopped until dds start, or until the stack is down.';
  static override strict = false;
  static override usage = 'stop SERVICE...';
  static override examples = [
    '<%= config.bin %> stop edge-2',
    '<%= config.bin %> stop edge-1/sink central/sink',
  ];

  protected override async execute(): Promise<ServiceActionResult> {
    const { flags, argv } = await this.parse(Stop);
    return this.change('stop', argv as string[], flags.stack);
  }
}
