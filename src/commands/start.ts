import { ServicesCommand } from '../cli/services-command.ts';
import type { ServiceActionResult } from '../runtime/stack/service-control.ts';

export default class Start extends ServicesCommand {
  static override summary = 'Start services of the running stack that were stopped.';
  static override description =
    'Names services, or a site with all of its services. What runs already is left alone.';
  static override strict = false;
  static override usage = 'start SERVICE...';
  static override examples = [
    '<%= config.bin %> start edge-2',
    '<%= config.bin %> start edge-1/sink central/sink',
  ];

  protected override async execute(): Promise<ServiceActionResult> {
    const { flags, argv } = await this.parse(Start);
    return this.change('start', argv as string[], flags.stack);
  }
}
