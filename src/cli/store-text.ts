import type { StoreEndpoints } from '../runtime/stack/types.ts';

/** Where a site's database is, in a table: its file, or `cassandra 127.0.0.1:9042/keyspace`. */
export function storeText(store: StoreEndpoints | null): string {
  if (store === null) return '–';
  return store.kind === 'duckdb'
    ? store.path
    : `cassandra ${store.contactPoints.join(',')}/${store.keyspace}`;
}
