import { isDeepStrictEqual } from 'node:util';
import type { CassandraSpec, SiteSpec, Topology } from '../topology/index.ts';
import type { ClusterLook } from './check-cluster.ts';
import { endpointsOf } from './plan.ts';
import type { StateDirectory } from './state-directory.ts';
import type { StackEvent } from './types.ts';

/** Looks for every part of these sites that dds does not start, all at once. */
export async function lookAtExternal(
  sites: readonly SiteSpec[],
  directory: StateDirectory,
): Promise<ClusterLook[]> {
  const outside = sites.filter(({ cluster, store }) => cluster !== null || isElsewhere(store));
  if (outside.length === 0) return [];
  const { lookAtCassandra, lookAtCluster } = await import('./check-cluster.ts');
  return outside.flatMap((site) => {
    const at = endpointsOf(site, directory);
    return [
      ...(site.cluster ? lookAtCluster(at) : []),
      ...(isElsewhere(site.store) ? [lookAtCassandra(at, site.store)] : []),
    ];
  });
}

/**
 * Makes sure that the clusters are there that a stack needs and dds does not start; those of a stack that runs already are
 * not looked at again. Throws why one is not, once every look has ended: DDS_BROKER_UNREACHABLE,
 * DDS_REGISTRY_UNREACHABLE, DDS_TLS, DDS_AUTHENTICATION, DDS_CREDENTIALS, DDS_NOT_ALLOWED, DDS_STORE_UNREACHABLE.
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
    return !now || !isDeepStrictEqual([now.cluster, now.store], [cluster, store]);
  });
  const looks = await lookAtExternal(sites, directory);
  const told = looks.map(async ({ site, answer }) => {
    tell({ type: 'check', site, message: await answer, elapsedMs: elapsedMs() });
  });
  const failed = (await Promise.allSettled(told)).find((look) => look.status === 'rejected');
  if (failed) throw failed.reason;
}

const isElsewhere = (store: SiteSpec['store']): store is CassandraSpec =>
  store?.kind === 'cassandra' && store.contactPoints !== null;
