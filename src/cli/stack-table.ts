import type { StackStatus } from '../runtime/stack/types.ts';
import { enginesText } from '../shared/engines-text.ts';
import { bytesText, durationText } from '../shared/quantities.ts';
import { serviceSays } from './service-text.ts';
import { storeText } from './store-text.ts';
import type { Paint } from './streams.ts';
import { formatTable } from './table.ts';

/** Where sites are reached. */
export function siteTable(sites: StackStatus['sites'], paint: Paint): string {
  const rows = sites.map((site) => [
    site.site,
    site.brokers.join(','),
    site.wanBrokers.join(','),
    site.registryUrl,
    storeText(site.store),
  ]);
  return formatTable(['SITE', 'KAFKA', 'KAFKA (WAN)', 'SCHEMA REGISTRY', 'DATABASE'], rows, { paint });
}

/** A stack as `dds status` prints it: its state, where its sites are reached, its services. */
export function stackTable(
  { stack, state, supervisorPid, sites, services }: StackStatus,
  paint: Paint,
): string {
  const shown = state === 'ready' ? paint('green', state) : paint('yellow', state);
  const memory = services.reduce((sum, service) => sum + (service.rssBytes ?? 0), 0);
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
  return [
    `${paint('bold', stack)}  ${shown}  engine ${enginesText(sites)}, supervisor ${supervisorPid}, ${bytesText(memory)}\n`,
    siteTable(sites, paint),
    formatTable(head, rows, { paint, right: [2, 3, 4, 5, 6] }),
  ].join('\n');
}
