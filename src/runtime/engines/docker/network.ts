import { unless } from './containers.ts';
import { type DockerStack, labels } from './docker-stack.ts';
import type { Docker } from './runtime.ts';

/**
 * Id of the stack's network, made when it is not there. Sites start at the same time and Docker allows two networks of one
 * name: all take the oldest, and who made another removes it.
 */
export async function joinNetwork(docker: Docker, stack: DockerStack): Promise<string> {
  const [present] = await stackNetworks(docker, stack);
  if (present) return present;
  const made = await docker.createNetwork({
    Name: stack.prefix,
    Driver: 'bridge',
    Labels: { [labels.stack]: stack.directory },
  });
  const [oldest = made.id] = await stackNetworks(docker, stack);
  if (oldest !== made.id) await made.remove().catch(unless(404));
  return oldest;
}

/** Removes the network unless containers are still on it. */
export async function leaveNetwork(docker: Docker, stack: DockerStack): Promise<void> {
  for (const id of await stackNetworks(docker, stack)) {
    await docker.getNetwork(id).remove().catch(unless(403, 404));
  }
}

/** Oldest first. */
async function stackNetworks(docker: Docker, stack: DockerStack): Promise<string[]> {
  const found = await docker.listNetworks({
    filters: { label: [`${labels.stack}=${stack.directory}`] },
  });
  const order = ({ Created, Id }: { Created?: string; Id: string }) => `${Created}${Id}`;
  return found.sort((one, other) => (order(one) < order(other) ? -1 : 1)).map(({ Id }) => Id);
}
