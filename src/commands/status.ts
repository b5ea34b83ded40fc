import { DdsCommand } from '../cli/command.ts';
import { bytesText, durationText, serviceSays } from '../cli/service-text.ts';
import { formatTable } from '../cli/table.ts';
import type { StackStatus } from '../runtime/stack/types.ts';

export default class Status extends DdsCommand<StackStatus> {
  static override summary = 'Show the services of the running stack, and where its sites can be reached.';
  static override examples = ['<%= config.bin %> status', '<%= config.bin %> status --json'];

  protected override async execute(): Promise<StackStatus> {
    const { flags } = await this.parse(Status);
    const { status } = await import('../runtime/stack/status.ts');
    return status(flags, this.context);
  }

  protected override render({ stack, state, engine, supervisorPid, sites, services }: StackStatus): void {
    const { paint } = this;
    const shown = state === 'ready' ? paint('green', state) : paint('yellow', state);
    const memory = services.reduce((sum, service) => sum + (service.rssBytes ?? 0), 0);
    const endpoints = sites.map((site) => [
      site.site,
      site.brokers.join(','),
      site.wanBrokers.join(','),
      site.registryUrl,
      site.store?.path ?? '–',
    ]);
    const rows = services.map((service) => [
      service.service,
      service.state,
      String(service.pid ?? '–'),
      String(service.restarts),
      service.uptimeMs === null ? '–' : durationText(service.uptimeMs),
      service.rssBytes === null ? '–' : bytesText(service.rssBytes),
      service.cpuMs === null ? '–' : `${(service.cpuMs / 1000).toFixed(1)} s`,
      serviceSays(service),
    ]);
    const head = ['SERVICE', 'STATE', 'PID', 'RESTARTS', 'UP', 'MEMORY', 'CPU', ''];
    void this.print(
      [
        `${paint('bold', stack)}  ${shown}  engine ${engine}, supervisor ${supervisorPid}, ${bytesText(memory)}\n`,
        formatTable(['SITE', 'KAFKA', 'KAFKA (WAN)', 'SCHEMA REGISTRY', 'DATABASE'], endpoints, { paint }),
        formatTable(head, rows, { paint, right: [2, 3, 4, 5, 6] }),
      ].join('\n'),
    );
  }
}
