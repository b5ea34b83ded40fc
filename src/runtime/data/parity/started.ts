import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { createBroker } from '../../broker/index.ts';
import { containerTail } from '../../engines/docker/container-tail.ts';
import { startContainer } from '../../engines/docker/containers.ts';
import { dockerStack } from '../../engines/docker/docker-stack.ts';
import { joinNetwork } from '../../engines/docker/network.ts';
import { clearDocker, prepareDocker } from '../../engines/docker/prepare.ts';
import { waitUntilReady } from '../../engines/docker/readiness.ts';
import { connectDocker } from '../../engines/docker/runtime.ts';
import { siteContainers } from '../../engines/docker/site-containers.ts';
import { withFreePorts } from '../../stack/ports.ts';
import type { SiteSpec, Topology } from '../../topology/index.ts';
import type { Side } from './run.ts';

/** A side that was started for the comparison alone. */
export interface StartedSide extends Side, AsyncDisposable {}

const host = '127.0.0.1';
const heapMib = 320;
const none: Topology = {
  ...{ name: 'parity', file: null, engine: 'docker', sites: [], relays: [], sinks: [] },
  ...{ detectors: [], notifiers: [], jobs: [], fleets: [] },
};
/**
 * Without an authorizer Kafka keeps no access rules; to us, who are nobody in particular, everything is allowed. Assignments
 * of the consumer protocol are computed with every change, as here.
 */
const likeEmbedded = {
  KAFKA_AUTHORIZER_CLASS_NAME: 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  KAFKA_SUPER_USERS: 'User:ANONYMOUS',
  KAFKA_GROUP_CONSUMER_MIN_ASSIGNMENT_INTERVAL_MS: '0',
  KAFKA_GROUP_CONSUMER_ASSIGNMENT_INTERVAL_MS: '0',
  KAFKA_GROUP_CONSUMER_ASSIGNOR_OFFLOAD_ENABLE: 'false',
};
const startTimeoutMs = 120_000;
const tailLines = 5;

/** An embedded broker in memory, as the containers of the docker engine are set up. */
export async function startEmbedded(context: RuntimeContext): Promise<StartedSide> {
  const broker = createBroker({
    nodeId: 1,
    dataDir: null,
    listeners: [{ name: 'local', host, port: 0 }],
    config: { 'auto.create.topics.enable': 'false', 'group.initial.rebalance.delay.ms': '0' },
    log: silentLogger,
    clock: context.clock,
  });
  await broker.start(context.signal);
  return { host, port: broker.ports.local!, [Symbol.asyncDispose]: () => broker.stop() };
}

/** Apache Kafka as the docker engine starts it. Throws DDS_DOCKER, DDS_IMAGE, DDS_MEMORY, DDS_CONTAINER; then nothing is left. */
export async function startKafka(image: string, context: RuntimeContext): Promise<StartedSide> {
  const directory = join(tmpdir(), `parity-${randomBytes(4).toString('hex')}`);
  const wanted: SiteSpec = {
    ...{ name: 'parity', role: 'central', engine: 'docker', cluster: null, store: null, topics: [] },
    brokers: 1,
    ports: { kafka: 0, wan: 0, registry: 0, cassandra: 0 },
    docker: {
      ...{ registry: 'embedded', images: { kafka: image, registry: '', cassandra: '' } },
      heapMib: { kafka: heapMib, registry: 0, cassandra: 0 },
    },
  };
  const { sites } = await withFreePorts({ ...none, sites: [wanted] }, {});
  const site = sites[0]!;
  await prepareDocker([site], directory, context.env, context.report);
  const stop = () => clearDocker(directory, true, context.env).then(() => undefined);
  try {
    await start(site, directory, context);
  } catch (error) {
    await stop();
    throw error;
  }
  return { host, port: site.ports.kafka, [Symbol.asyncDispose]: stop };
}

async function start(site: SiteSpec, directory: string, context: RuntimeContext): Promise<void> {
  const runtime = await connectDocker(context.env);
  const stack = dockerStack(directory);
  const [container] = siteContainers(site, stack);
  const spec = { ...container!, env: { ...container!.env, ...likeEmbedded } };
  const network = await joinNetwork(runtime.docker, stack);
  const id = await startContainer(runtime, spec, stack, site.name, network);
  const patience = AbortSignal.timeout(startTimeoutMs);
  try {
    await waitUntilReady(spec, site, AbortSignal.any([context.signal, patience]));
  } catch (cause) {
    if (!patience.aborted) throw cause;
    const said = await containerTail(runtime.docker, id, tailLines);
    throw new DdsError('DDS_CONTAINER', `${spec.image} is not ready after 120 s: ${said.join(' / ')}`, {
      cause,
    });
  }
}
