import type { RuntimeContext } from '../../shared/context.ts';
import { connectStack } from './connect.ts';
import type { SiteEndpoints, StackStatus } from './types.ts';

/** The answer of `dds env --json`. */
export interface EnvironmentResult {
  stack: string;
  site: string;
  /** True when the site was chosen because none was named. */
  chosen: boolean;
  /** Names and values, for programs of this machine. */
  variables: Record<string, string>;
}

/** Where a program finds a site of the running stack. Throws DDS_NO_STACK, DDS_UNKNOWN_SITE. */
export async function environment(
  options: { stack?: string | undefined; site?: string | undefined },
  context: RuntimeContext,
): Promise<EnvironmentResult> {
  const connection = await connectStack(context, options);
  try {
    const known = await connection.sites(options.site === undefined ? [] : [options.site]);
    const site = options.site === undefined ? defaultSite(known) : known[0]!;
    return {
      ...{ stack: connection.stack, site: site.site, chosen: options.site === undefined },
      variables: siteVariables(connection.stack, site),
    };
  } finally {
    connection.close();
  }
}

/** The central site, else the first one. */
export const defaultSite = (sites: readonly SiteEndpoints[]): SiteEndpoints =>
  sites.find(({ role }) => role === 'central') ?? sites[0]!;

/** The names our own jobs read, and those that Kafka programs commonly do. */
export function siteVariables(stack: string, site: SiteEndpoints): Record<string, string> {
  const brokers = site.brokers.join(',');
  return {
    DDS_STACK: stack,
    DDS_SITE: site.site,
    DDS_BROKERS: brokers,
    DDS_REGISTRY: site.registryUrl,
    ...(site.access &&
      Object.keys(site.access).length > 0 && { DDS_ACCESS: JSON.stringify({ [site.site]: site.access }) }),
    ...Object.fromEntries(storeVariables(site.store, 'DDS')),
    KAFKA_BROKERS: brokers,
    KAFKA_BOOTSTRAP_SERVERS: brokers,
    BOOTSTRAP_SERVERS: brokers,
    SCHEMA_REGISTRY_URL: site.registryUrl,
  };
}

function storeVariables(store: SiteEndpoints['store'], prefix: string): [string, string][] {
  if (store === null) return [];
  if (store.kind === 'duckdb') return [[`${prefix}_STORE_PATH`, store.path]];
  return [
    [`${prefix}_CASSANDRA_CONTACT_POINTS`, store.contactPoints.join(',')],
    [`${prefix}_CASSANDRA_DATACENTER`, store.localDataCenter],
    [`${prefix}_CASSANDRA_KEYSPACE`, store.keyspace],
  ];
}

/** Those of one site, and `DDS_EDGE_1_BROKERS`, `DDS_EDGE_1_REGISTRY` … of every site. */
export function stackVariables({ stack, sites }: StackStatus, site: SiteEndpoints): Record<string, string> {
  const each = sites.flatMap((one): [string, string][] => {
    const prefix = `DDS_${one.site.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
    return [
      [`${prefix}_BROKERS`, one.brokers.join(',')],
      [`${prefix}_REGISTRY`, one.registryUrl],
      ...storeVariables(one.store, prefix),
    ];
  });
  return { ...Object.fromEntries(each), ...siteVariables(stack, site) };
}
