import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brokerPorts, registryUrl, type SiteSpec } from '../../topology/index.ts';
import type { ContainerSpec } from './container-spec.ts';

const pauseMs = 150;

/** Resolves when the program in the container answers as its clients will ask it; rejects when the signal aborts. */
export async function waitUntilReady(
  spec: ContainerSpec,
  site: SiteSpec,
  signal: AbortSignal,
): Promise<void> {
  if (spec.part.startsWith('kafka-')) return brokerReady(spec, site, signal);
  const ask = spec.part === 'cassandra' ? () => answersCql(spec.ports[0]!.host) : () => answersRest(site);
  await until(ask, signal);
  if (site.docker?.registry === 'apicurio' && spec.part === 'registry')
    await until(() => beLikeConfluent(site), signal);
}

async function until(ask: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await ask())) await sleep(pauseMs, undefined, { signal });
}

/** A broker is there when it knows all of its cluster. */
async function brokerReady(spec: ContainerSpec, site: SiteSpec, signal: AbortSignal): Promise<void> {
  const { createKafka } = await import('../../kafka/index.ts');
  const brokers = [`127.0.0.1:${spec.ports[0]!.host}`];
  const all = brokerPorts(site).length;
  for (;;) {
    signal.throwIfAborted();
    const kafka = createKafka({
      brokers,
      clientId: 'dds-up',
      connectTimeoutMs: 2_000,
      requestTimeoutMs: 2_000,
    });
    try {
      await kafka.connect();
      if ((await kafka.admin().brokers()).length === all) return;
    } catch {
      // Not yet.
    } finally {
      await kafka.close();
    }
    await sleep(pauseMs, undefined, { signal });
  }
}

const answersRest = (site: SiteSpec): Promise<boolean> => succeeds(site, '/subjects', 2_000);

/** Apicurio checks nothing unless it is told to; Confluent's default is BACKWARD. */
const beLikeConfluent = (site: SiteSpec): Promise<boolean> =>
  succeeds(site, '/config', 10_000, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ compatibility: 'BACKWARD' }),
  });

/** Whether the registry answers that it has done what was asked. One that has only just started may take its time. */
async function succeeds(
  site: SiteSpec,
  path: string,
  timeoutMs: number,
  request: RequestInit = {},
): Promise<boolean> {
  try {
    const response = await fetch(`${registryUrl(site)}${path}`, {
      ...request,
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Whether a CQL server answers OPTIONS of protocol version 4 with SUPPORTED. */
function answersCql(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('end', () => end(false));
    socket.once('connect', () => socket.write(Buffer.from([0x04, 0, 0, 0, 0x05, 0, 0, 0, 0])));
    socket.once('data', (answer) => end(answer[0] === 0x84 && answer[4] === 0x06));
  });
}
