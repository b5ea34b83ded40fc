import { mkdir, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unless } from './containers.ts';
import { type DockerStack, labels } from './docker-stack.ts';
import type { Docker } from './runtime.ts';

/** Making a network takes Docker less than a second; who holds the lock for longer has been killed. */
const staleMs = 15_000;

/**
 * Id of the stack's network, made when it is not there. One after the other: sites start at the same time, and with two
 * networks of one name, which Docker makes when it is asked twice at once, it starts no container.
 */
export async function joinNetwork(docker: Docker, stack: DockerStack): Promise<string> {
  await using _lock = await lockOf(stack);
  const [present] = await stackNetworks(docker, stack);
  if (present) return present;
  const made = await docker.createNetwork({
    ...{ Name: stack.prefix, Driver: 'bridge', CheckDuplicate: true },
    Labels: { [labels.stack]: stack.directory },
  });
  return made.id;
}

/** A directory that one process can make: held until it is disposed of. */
async function lockOf({ prefix }: DockerStack): Promise<AsyncDisposable> {
  const path = join(tmpdir(), `${prefix}.lock`);
  for (;;) {
    try {
      await mkdir(path);
      // Not there any more: Docker took so long that another process thought this one dead.
      return { [Symbol.asyncDispose]: () => rmdir(path).catch(() => undefined) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const madeAt = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.POSITIVE_INFINITY,
    );
    if (Date.now() - madeAt > staleMs) await rmdir(path).catch(() => undefined);
    await sleep(20);
  }
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
