import { ServicesCommand } from '../cli/services-command.ts';
import type { ServiceActionResult } from '../runtime/stack/service-control.ts';

export default class Restart extends ServicesCommand {
  static override summary = 'Restart services of the running stack, or a whole site.';
  static override description =
    'A service is named as dds status shows it, a site by its name; a part that only one site has needs no site. What is restarted goes on where it was: nothing acknowledged is lost or doubled.';
  static override strict = false;
  static override usage = 'restart SERVICE...';
  static override examples = ['<%= config.bin %> restart edge-1/sink', '<%= config.bin %> restart relay'];

  protected override async execute(): Promise<ServiceActionResult> {
    const { flags, argv } = await this.parse(Restart);
    return this.change('restart', argv as string[], flags.stack);
  }
}
