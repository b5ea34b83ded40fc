import { isDeepStrictEqual } from 'node:util';
import type { CassandraSpec, Topology } from '../topology/index.ts';
import { endpointsOf } from './plan.ts';
import type { StateDirectory } from './state-directory.ts';
import { storeFlag } from './store-flag.ts';
import type { SiteEndpoints, StackEvent } from './types.ts';

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
    if (now && isDeepStrictEqual([now.cluster, now.store], [cluster, store])) return false;
    return cluster !== null || (store?.kind === 'cassandra' && store.contactPoints !== null);
  });
  if (sites.length === 0) return;
  const { checkClusters } = await import('./check-cluster.ts');
  await checkClusters(
    sites.map((site) => endpointsOf(site, directory)),
    async (at) => {
      const { store } = sites.find(({ name }) => name === at.site)!;
      return store?.kind === 'cassandra' && store.contactPoints !== null ? checkCassandra(at, store) : null;
    },
    (site, message) => tell({ type: 'check', site, message, elapsedMs: elapsedMs() }),
  );
}

/** Connects as the sink will, which also makes the keyspace. */
async function checkCassandra(at: SiteEndpoints, spec: CassandraSpec): Promise<string> {
  const [{ cassandraOptions }, { cassandraVariables }, { CassandraSession }] = await Promise.all([
    import('../jobs/sinks/cassandra/options.ts'),
    import('../jobs/sinks/cassandra/credentials.ts'),
    import('../jobs/sinks/cassandra/session.ts'),
  ]);
  const env = { ...process.env, ...cassandraVariables(spec.access) };
  const session = await CassandraSession.open(await cassandraOptions(storeFlag(at.store!, spec), env));
  await session.close();
  return `Cassandra ${spec.contactPoints?.join(', ')} answers (data centre ${spec.localDataCenter})`;
}
