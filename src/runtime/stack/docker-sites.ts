import type { RuntimeContext } from '../../shared/context.ts';
import type { Topology } from '../topology/index.ts';
import type { StateDirectory } from './state-directory.ts';

const usesDocker = ({ sites }: Topology): boolean => sites.some(({ docker }) => docker !== null);

/** What has to be there before containers are started; see prepareDocker. Nothing without such a site. */
export async function prepareContainers(
  topology: Topology,
  directory: StateDirectory,
  { env, report }: Pick<RuntimeContext, 'env' | 'report'>,
): Promise<void> {
  if (!usesDocker(topology)) return;
  // Loaded here: a stack without Docker does without its client too.
  const { prepareDocker } = await import('../engines/docker/prepare.ts');
  await prepareDocker(topology.sites, directory.path, env, report);
}

/** Ports of containers that outlived a killed stack, and that the next one takes over: they are not in its way. */
export async function portsOfContainers(
  topology: Topology,
  directory: StateDirectory,
  { env }: Pick<RuntimeContext, 'env'>,
): Promise<number[]> {
  if (!usesDocker(topology)) return [];
  const { portsOfStack } = await import('../engines/docker/prepare.ts');
  return portsOfStack(directory.path, env);
}

/** Removes containers that outlived their site process, and with `purge` the data; true when there was something. */
export async function clearContainers(
  topology: Topology,
  directory: StateDirectory,
  { env }: Pick<RuntimeContext, 'env'>,
  purge = false,
): Promise<boolean> {
  if (!usesDocker(topology)) return false;
  const { clearDocker } = await import('../engines/docker/prepare.ts');
  return clearDocker(directory.path, purge, env);
}
