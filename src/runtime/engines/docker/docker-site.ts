/** Entry of the process of a docker site: it starts and watches the site's containers. */
import { runSiteProcess } from '../site-process.ts';
import { ContainerGroup } from './container-group.ts';
import type { DockerSiteOptions } from './docker.ts';
import { connectDocker } from './runtime.ts';

const { site, stack } = JSON.parse(process.argv[2] ?? '{}') as DockerSiteOptions;

await runSiteProcess(site.name, async ({ log, note }) => {
  const containers = new ContainerGroup({ site, stack, runtime: await connectDocker(), log, note });
  if (site.docker?.registry !== 'embedded') return { containers };
  const { createRegistry } = await import('../../registry/index.ts');
  const registry = createRegistry({
    kafka: { brokers: containers.brokers, clientId: `${site.name}-registry` },
    host: '127.0.0.1',
    port: site.ports.registry,
    log: log.child({ part: 'registry' }),
  });
  return { containers, registry };
});
