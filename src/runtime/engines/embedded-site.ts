/** Entry of a site process: runs one broker and one registry until SIGTERM, or until the supervisor is gone. */
import { DdsError } from '../../errors/index.ts';
import { createLogger } from '../../shared/logger.ts';
import type { Service } from '../../shared/service.ts';
import { attachSupervisor } from '../../shared/supervised.ts';
import type { EmbeddedSiteOptions } from './embedded.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as EmbeddedSiteOptions;
const { site, host, ports } = options;
const log = createLogger({ service: `${site}/site` }, process.env.DDS_LOG_LEVEL ?? 'info');
const stopping = new AbortController();
/** In the order they were started; registered before they start. */
const running = new Map<string, Service>();

const supervised = attachSupervisor({ info, onOrphaned: () => stop('the supervisor is gone') });
for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop(name));
try {
  await start();
} catch (thrown) {
  if (!stopping.signal.aborted) {
    const error = DdsError.from(thrown);
    log.error({ code: error.code, err: error.stack }, error.message);
    supervised.failed(error.toBody());
    process.exitCode = error.entry.exitCode;
    stop('it could not start');
  }
}

async function start(): Promise<void> {
  const [{ createBroker }, { createRegistry }] = await Promise.all([
    import('../broker/index.ts'),
    import('../registry/index.ts'),
  ]);
  const broker = createBroker({
    nodeId: 1,
    dataDir: options.dataDir,
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
  for (const [part, service] of Object.entries({ broker, registry })) {
    running.set(part, service);
    await service.start(stopping.signal);
    if (stopping.signal.aborted) return;
  }
  log.info({ ports }, 'ready');
  supervised.ready();
}

function info(): unknown {
  return Object.fromEntries([...running].map(([part, service]) => [part, service.info()]));
}

function stop(reason: string): void {
  if (stopping.signal.aborted) return;
  stopping.abort();
  log.info({ reason }, 'stopping');
  void stopAll().then(() => {
    supervised.release();
    process.exit();
  });
}

/** The registry goes before the broker it stands on. */
async function stopAll(): Promise<void> {
  for (const service of [...running.values()].reverse()) {
    await service.stop().catch((error: unknown) => log.error({ err: String(error) }, 'stop failed'));
  }
}
