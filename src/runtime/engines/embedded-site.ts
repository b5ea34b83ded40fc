/** Entry of an embedded site's process: one broker and one registry. */
import type { EmbeddedSiteOptions } from './embedded.ts';
import { runSiteProcess } from './site-process.ts';

const { site, host, ports, dataDir, http } = JSON.parse(process.argv[2] ?? '{}') as EmbeddedSiteOptions;

await runSiteProcess(site, async ({ log }) => {
  const [{ createBroker }, { createRegistry }, { SiteApi }] = await Promise.all([
    import('../broker/index.ts'),
    import('../registry/index.ts'),
    import('./site-api.ts'),
  ]);
  const broker = createBroker({
    nodeId: 1,
    dataDir,
    listeners: [
      { name: 'local', host, port: ports.kafka },
      { name: 'wan', host, port: ports.wan },
    ],
    log: log.child({ part: 'broker' }),
  });
  const registry = createRegistry({
    kafka: { brokers: [`${host}:${ports.kafka}`], clientId: `${site}-registry` },
    host,
    port: ports.registry,
    log: log.child({ part: 'registry' }),
  });
  return { broker, registry, api: new SiteApi(http, broker) };
});
