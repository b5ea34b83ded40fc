import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import type { ContainerRuntimeClient } from 'testcontainers';
import { DdsError } from '../../../errors/index.ts';

/** Docker's own API, as testcontainers found the way to it. */
export type Docker = ContainerRuntimeClient['container']['dockerode'];

export interface DockerRuntime {
  docker: Docker;
  client: ContainerRuntimeClient;
}

type Environment = Readonly<Record<string, string | undefined>>;

const defaultSocket = '/var/run/docker.sock';
const installHint =
  'Install Docker Engine or Docker Desktop (docs.docker.com/get-docker) and start it, or use --engine embedded, which needs none.';

/**
 * Finds Docker: DOCKER_HOST, its contexts, its usual sockets. Throws DDS_DOCKER when there is none, it does not answer, or
 * does not let us in.
 */
export async function connectDocker(env: Environment = process.env): Promise<DockerRuntime> {
  // A host that was named and does not answer must not be replaced by another silently.
  if (env.DOCKER_HOST) await reach(env.DOCKER_HOST);
  // Its reaper would take the containers away when this process ends; ours are found again by their labels.
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
  if (existsSync('/.dockerenv')) process.env.TESTCONTAINERS_HOST_OVERRIDE ??= '127.0.0.1';
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    const client = await getContainerRuntimeClient();
    return { docker: client.container.dockerode, client };
  } catch (cause) {
    await reach(`unix://${defaultSocket}`);
    throw new DdsError('DDS_DOCKER', `Docker does not answer: ${(cause as Error).message}`, {
      cause,
      hint: installHint,
    });
  }
}

/** Resolves when something listens at a `unix://` or `tcp://` address. */
async function reach(address: string): Promise<void> {
  const url = URL.parse(address);
  const socket = address.startsWith('unix://') ? address.slice('unix://'.length) : null;
  if (socket === null && url?.protocol !== 'tcp:' && url?.protocol !== 'http:') return;
  const target =
    socket === null ? { host: url!.hostname, port: Number(url!.port) || 2375 } : { path: socket };
  const failed = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    const probe = connect(target);
    probe.setTimeout(3_000, () => probe.destroy(new Error('no answer within 3 s')));
    probe.once('connect', () => {
      probe.destroy();
      resolve(null);
    });
    probe.once('error', resolve);
  });
  if (failed) throw refused(address, failed);
}

function refused(address: string, failed: NodeJS.ErrnoException): DdsError {
  const options = { cause: failed, details: { address } };
  if (failed.code === 'ENOENT') {
    const message =
      address === `unix://${defaultSocket}`
        ? 'there is no Docker on this machine'
        : `there is no Docker at ${address}`;
    return new DdsError('DDS_DOCKER', message, { ...options, hint: installHint });
  }
  if (failed.code === 'EACCES' || failed.code === 'EPERM') {
    return new DdsError('DDS_DOCKER', `Docker at ${address} does not let you in: permission denied`, {
      ...options,
      hint: 'Join the group docker (sudo usermod -aG docker $USER, then log in again), or use --engine embedded.',
    });
  }
  const why = failed.code === 'ECONNREFUSED' ? 'the daemon is not running' : failed.message;
  return new DdsError('DDS_DOCKER', `Docker at ${address} refuses: ${why}`, {
    ...options,
    hint: 'Start the daemon (sudo systemctl start docker, or Docker Desktop), or use --engine embedded.',
  });
}
