import { resolve } from 'node:path';
import { parseTime } from '../../shared/parse-time.ts';
import { normaliseCassandra } from './cluster.ts';
import type { TopologyFile } from './file-schema.ts';
import type { Report } from './problems.ts';
import type { CassandraSpec, StoreSpec } from './types.ts';

/** Cassandra's own limit, 20 years. */
const longestTtlSeconds = 630_720_000;

interface StoreScope {
  site: string;
  engine: string;
  /** What paths are relative to. */
  directory: string;
  report: Report;
}

/** The database of a site with every default filled in; null when it has none. */
export function normaliseStore(
  store: NonNullable<TopologyFile['sites'][string]>['store'],
  { site, engine, directory, report }: StoreScope,
): StoreSpec | null {
  if (store === 'none') return null;
  if (store === 'duckdb' || (store === undefined && engine !== 'docker')) return { kind: 'duckdb' };
  const settings = (store === undefined || store === 'cassandra' ? null : store.cassandra) ?? {};
  const path = ['sites', site, 'store'];
  const spec: CassandraSpec = {
    kind: 'cassandra',
    contactPoints:
      settings['contact-points']?.map((point) => (point.includes(':') ? point : `${point}:9042`)) ?? null,
    localDataCenter: settings.datacenter ?? 'datacenter1',
    keyspace: settings.keyspace ?? `dds_${site.replaceAll('-', '_')}`,
    replication: settings.replication ?? 1,
    ttlSeconds: settings.ttl === undefined ? null : seconds(settings.ttl),
    bucketSeconds: settings.bucket === undefined ? 86_400 : seconds(settings.bucket),
    access: normaliseCassandra(settings, [...path, 'cassandra'], directory, report),
    tls: settings.tls ?? settings.ca !== undefined,
    ca: settings.ca === undefined ? null : resolve(directory, settings.ca),
  };
  if (engine !== 'docker' && spec.contactPoints === null) {
    report(
      path,
      `the engine ${engine} starts no Cassandra for ${site}; name the "contact-points" of one that exists, or take "store: duckdb"`,
    );
  }
  if ((spec.ttlSeconds ?? 1) > longestTtlSeconds) {
    report([...path, 'cassandra', 'ttl'], `ttl: found "${settings.ttl}", expected at most 7300d`);
  }
  return spec;
}

const seconds = (text: string) => Math.max(1, Math.round(parseTime(text, 'time') / 1000));
