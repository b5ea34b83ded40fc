/** Entry of an embedded site's process: one broker and one registry. */
import type { EmbeddedSiteOptions } from './embedded.ts';
import { runSiteProcess } from './site-process.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as EmbeddedSiteOptions;
const { site, host, nodes, dataDir, http } = options;
/** As in a site of the docker engine. */
const replicated = { 'default.replication.factor': '3', 'min.insync.replicas': '2' };

await runSiteProcess(site, async ({ log }) => {
  const [{ createBroker }, { createRegistry }, { SiteApi }] = await Promise.all([
    import('../broker/index.ts'),
    import('../registry/index.ts'),
    import('./site-api.ts'),
  ]);
  const broker = createBroker({
    nodeId: 1,
    dataDir,
    listeners: nodes.flatMap(({ kafka, wan }, index) => [
      { name: 'local', nodeId: index + 1, host, port: kafka },
      { name: 'wan', nodeId: index + 1, host, port: wan },
    ]),
    config: nodes.length === 3 ? replicated : {},
    log: log.child({ part: 'broker' }),
  });
  const registry = createRegistry({
    kafka: { brokers: nodes.map(({ kafka }) => `${host}:${kafka}`), clientId: `${site}-registry` },
    host,
    port: options.registryPort,
    log: log.child({ part: 'registry' }),
  });
  return { broker, registry, api: new SiteApi(http, broker) };
});
