import { isDeepStrictEqual } from 'node:util';
import type { Topology } from '../topology/index.ts';
import { endpointsOf } from './plan.ts';
import type { StateDirectory } from './state-directory.ts';
import type { StackEvent } from './types.ts';

/**
 * Looks whether the clusters are there that a stack needs and dds does not start; those of a stack that runs already are
 * not looked at again. Throws why one is not: DDS_BROKER_UNREACHABLE, DDS_REGISTRY_UNREACHABLE, DDS_TLS,
 * DDS_AUTHENTICATION, DDS_CREDENTIALS, DDS_NOT_ALLOWED, DDS_STORE_UNREACHABLE.
 */
export async function checkExternal(
  asked: Topology,
  running: Topology | null,
  directory: StateDirectory,
  elapsedMs: () => number,
  tell: (event: StackEvent) => void,
): Promise<void> {
  const sites = asked.sites.filter(({ name, cluster, store }) => {
    const now = running?.sites.find((site) => site.name === name);
    return cluster !== null && !(now && isDeepStrictEqual([now.cluster, now.store], [cluster, store]));
  });
  if (sites.length === 0) return;
  const { checkClusters } = await import('./check-cluster.ts');
  await checkClusters(
    sites.map((site) => endpointsOf(site, directory)),
    async () => null,
    (site, message) => tell({ type: 'check', site, message, elapsedMs: elapsedMs() }),
  );
}
