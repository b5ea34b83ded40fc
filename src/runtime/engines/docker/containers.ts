import { GenericContainer, type WaitStrategy } from 'testcontainers';
import { DdsError } from '../../../errors/index.ts';
import { endOf } from './container-end.ts';
import { type ContainerSpec, hashOf } from './container-spec.ts';
import { type DockerStack, labels } from './docker-stack.ts';
import type { Docker, DockerRuntime } from './runtime.ts';

export interface FoundContainer {
  id: string;
  name: string;
  site: string;
  part: string;
  hash: string;
  running: boolean;
}

/** Containers of a stack, of one of its sites when named, running or not. */
export async function findContainers(
  docker: Docker,
  stack: DockerStack,
  site?: string,
): Promise<FoundContainer[]> {
  const label = [`${labels.stack}=${stack.directory}`];
  if (site !== undefined) label.push(`${labels.site}=${site}`);
  const found = await docker.listContainers({ all: true, filters: { label } });
  return found.map(({ Id, Names, Labels, State }) => ({
    id: Id,
    name: Names[0]?.replace(/^\//, '') ?? Id,
    site: Labels[labels.site] ?? '',
    part: Labels[labels.part] ?? '',
    hash: Labels[labels.hash] ?? '',
    running: State === 'running',
  }));
}

/** We ask the program itself whether it is ready; that the container runs is enough here. */
const running: WaitStrategy = {
  waitUntilReady: async () => undefined,
  withStartupTimeout: () => running,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 120_000,
};

/** As testcontainers makes containers, with what it has no words for: ports of 127.0.0.1 alone. */
class SiteContainer extends GenericContainer {
  constructor(spec: ContainerSpec, stack: DockerStack, site: string, network: string) {
    super(spec.image);
    this.withName(spec.name)
      .withLabels({
        [labels.stack]: stack.directory,
        [labels.site]: site,
        [labels.part]: spec.part,
        [labels.hash]: hashOf(spec),
      })
      .withEnvironment({ ...spec.env })
      .withNetworkMode(network)
      .withExposedPorts(...spec.ports)
      .withWaitStrategy(running)
      .withAutoCleanup(false);
    if (spec.command) this.withCommand([...spec.command]);
    if (spec.volume) this.withBindMounts([{ source: spec.volume.name, target: spec.volume.path }]);
    this.createOpts.Hostname = spec.alias;
    // Its own aliases would leave the container on the default network as well.
    this.createOpts.NetworkingConfig = { EndpointsConfig: { [network]: { Aliases: [spec.alias] } } };
    this.hostConfig.PortBindings = Object.fromEntries(
      spec.ports.map(({ container, host }) => [
        `${container}/tcp`,
        [{ HostIp: '127.0.0.1', HostPort: String(host) }],
      ]),
    );
  }
}

/** Makes and starts a container; its id. Throws DDS_PORT_TAKEN, DDS_IMAGE, DDS_CONTAINER; then it is not there. */
export async function startContainer(
  { docker }: DockerRuntime,
  spec: ContainerSpec,
  stack: DockerStack,
  site: string,
  network: string,
): Promise<string> {
  if (spec.volume) {
    await docker.createVolume({
      Name: spec.volume.name,
      Labels: { [labels.stack]: stack.directory, [labels.site]: site, [labels.part]: spec.part },
    });
  }
  try {
    return (await new SiteContainer(spec, stack, site, network).start()).getId();
  } catch (cause) {
    // It may have ended before its ports were looked for.
    const { State } = (await docker.getContainer(spec.name).inspect().catch(unless(404))) ?? {};
    const end = State?.Status === 'exited' ? await endOf(docker, spec.name, spec, site) : null;
    // Docker makes a container before it finds out that its port is taken.
    await removeContainer(docker, spec.name);
    throw end ?? cannotStart(spec, site, cause as Error);
  }
}

function cannotStart(spec: ContainerSpec, site: string, cause: Error): DdsError {
  const taken = /(?:127\.0\.0\.1:|port )(\d+).*(?:already allocated|already in use)/i.exec(
    cause.message,
  )?.[1];
  if (taken !== undefined) {
    return new DdsError('DDS_PORT_TAKEN', `port ${taken}, for ${spec.part} of ${site}, is taken`, {
      cause,
      details: { port: Number(taken), site },
    });
  }
  return new DdsError(
    'DDS_CONTAINER',
    `${site}/${spec.part} (${spec.image}) cannot be started: ${cause.message}`,
    {
      cause,
    },
  );
}

/** Stops it cleanly, then removes it with the volumes that have no name; that it is gone already is no error. */
export async function removeContainer(docker: Docker, id: string, graceSeconds = 0): Promise<void> {
  const container = docker.getContainer(id);
  if (graceSeconds > 0) await container.stop({ t: graceSeconds }).catch(unless(304, 404));
  await container.remove({ force: true, v: true }).catch(unless(404, 409));
}

/** Swallows what Docker answers with one of these codes. */
export const unless =
  (...codes: number[]) =>
  (error: unknown): undefined => {
    if (!codes.includes((error as { statusCode?: number }).statusCode ?? 0)) throw error;
  };
