import { DdsError } from '../errors/index.ts';
import type { ServiceAction, ServiceActionResult } from '../runtime/stack/service-control.ts';
import { DdsCommand } from './command.ts';

const done = { start: 'runs', stop: 'is stopped', restart: 'runs again' } as const;

/** What `dds start`, `stop` and `restart` have in common. */
export abstract class ServicesCommand extends DdsCommand<ServiceActionResult> {
  protected async change(
    action: ServiceAction,
    names: string[],
    stack?: string,
  ): Promise<ServiceActionResult> {
    if (names.length === 0) {
      throw new DdsError('DDS_USAGE', 'SERVICE is missing', {
        hint: `Name a service or a site, as in dds ${action} edge-1; dds status lists them.`,
      });
    }
    const { changeServices } = await import('../runtime/stack/service-control.ts');
    return changeServices({ action, names, stack }, this.context);
  }

  protected override render({ action, services, elapsedMs }: ServiceActionResult): void {
    for (const { service, pid } of services)
      this.note(`${service} ${done[action]}${pid === null ? '' : ` (process ${pid})`}`);
    this.note(this.paintStderr('dim', `${(elapsedMs / 1000).toFixed(1)} s`));
  }
}
