import { DdsError } from '../../../errors/index.ts';
import type { SiteSpec } from '../../topology/index.ts';
import { findContainers, removeContainer, unless } from './containers.ts';
import { type DockerStack, dockerStack, labels } from './docker-stack.ts';
import { hasImage, imagesOf, pullImage } from './images.ts';
import { leaveNetwork } from './network.ts';
import { connectDocker, type Docker, type DockerRuntime } from './runtime.ts';
import { siteContainers } from './site-containers.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Makes sure, before anything is started, that Docker is there, has every image and enough memory. `tell` hears of images
 * that are pulled. Throws DDS_DOCKER, DDS_IMAGE, DDS_MEMORY.
 */
export async function prepareDocker(
  sites: readonly SiteSpec[],
  stackDirectory: string,
  env: Environment,
  tell: (message: string) => void,
): Promise<void> {
  const wanted = sites.filter(({ docker }) => docker !== null);
  if (wanted.length === 0) return;
  const runtime = await connectDocker(env);
  const stack = dockerStack(stackDirectory);
  checkMemory(runtime, wanted, stack);
  await Promise.all(
    imagesOf(wanted, stack).map(async (image) => {
      if (await hasImage(runtime.docker, image)) return;
      tell(`pulling ${image} …`);
      await pullImage(runtime, image);
      tell(`pulled ${image}`);
    }),
  );
}

const gib = (mib: number) => `${(mib / 1024).toFixed(1)} GiB`;

/** Throws DDS_MEMORY when Docker has less than the sites need. */
export function checkMemory({ client }: DockerRuntime, sites: readonly SiteSpec[], stack: DockerStack): void {
  const specs = sites.flatMap((site) => siteContainers(site, stack));
  const needed = specs.reduce((sum, { memoryMib }) => sum + memoryMib, 0);
  const there = Math.floor(client.info.containerRuntime.memory / 1024 ** 2);
  if (needed <= there) return;
  throw new DdsError(
    'DDS_MEMORY',
    `the ${specs.length} containers need about ${gib(needed)} of memory, Docker has ${gib(there)}`,
    { details: { neededMib: needed, dockerMib: there } },
  );
}

/**
 * Ports that containers of the stack have, or have as soon as they run: one that is being started takes its ports before Docker
 * says that it runs. Throws DDS_DOCKER.
 */
export async function portsOfStack(stackDirectory: string, env: Environment): Promise<number[]> {
  const { docker } = await connectDocker(env);
  const found = await findContainers(docker, dockerStack(stackDirectory));
  const bindings = await Promise.all(
    found.map(async ({ id }) => {
      const container = await docker.getContainer(id).inspect().catch(unless(404));
      return Object.values(container?.HostConfig.PortBindings ?? {}) as { HostPort: string }[][];
    }),
  );
  return bindings.flat(2).map(({ HostPort }) => Number(HostPort));
}

/**
 * Removes what is left of a stack: containers and network, and with `purge` the volumes. True when there was something.
 * Throws DDS_DOCKER.
 */
export async function clearDocker(
  stackDirectory: string,
  purge: boolean,
  env: Environment,
): Promise<boolean> {
  const { docker } = await connectDocker(env);
  return clearStack(docker, dockerStack(stackDirectory), purge);
}

async function clearStack(docker: Docker, stack: DockerStack, purge: boolean): Promise<boolean> {
  const left = await findContainers(docker, stack);
  await Promise.all(left.map(({ id }) => removeContainer(docker, id, purge ? 0 : 10)));
  await leaveNetwork(docker, stack);
  if (!purge) return left.length > 0;
  const { Volumes } = await docker.listVolumes({
    filters: { label: [`${labels.stack}=${stack.directory}`] },
  });
  await Promise.all((Volumes ?? []).map(({ Name }) => docker.getVolume(Name).remove().catch(unless(404))));
  return left.length > 0 || (Volumes ?? []).length > 0;
}
