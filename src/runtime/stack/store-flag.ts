import type { StoreSpec } from '../topology/index.ts';
import type { StoreEndpoints } from './types.ts';

/**
 * What `dds run sink --store` is given: `duckdb:PATH`, or `cassandra://HOST:PORT[,HOST:PORT]/KEYSPACE?dc=…` with the settings of
 * the topology. Credentials never stand in it: they are in the environment.
 */
export function storeFlag(at: StoreEndpoints, spec: StoreSpec): string {
  if (at.kind === 'duckdb') return `duckdb:${at.path}`;
  const query = new URLSearchParams({ dc: at.localDataCenter });
  if (spec.kind === 'cassandra') {
    query.set('replication', String(spec.replication));
    query.set('bucket', `${spec.bucketSeconds}s`);
    if (spec.ttlSeconds !== null) query.set('ttl', `${spec.ttlSeconds}s`);
    if (spec.tls) query.set('tls', 'true');
    if (spec.ca !== null) query.set('ca', spec.ca);
  }
  return `cassandra://${at.contactPoints.join(',')}/${at.keyspace}?${query}`;
}
