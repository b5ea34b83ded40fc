import { DdsError } from '../../../errors/index.ts';
import type { CassandraAccess } from '../../../shared/access.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { SinkStore } from './store.ts';

export interface StoreContext {
  site: string;
  env: NodeJS.ProcessEnv;
  /** Of Cassandra; when absent, the environment says who we are. */
  access?: CassandraAccess | undefined;
  log: Logger;
}

/** The store that `--store` names; only its own driver is loaded. Throws DDS_USAGE. */
export async function storeOf(text: string, context: StoreContext): Promise<SinkStore> {
  if (text.startsWith('duckdb:') && text !== 'duckdb:') {
    const { DuckDbStore } = await import('./duckdb/duckdb-store.ts');
    return new DuckDbStore(text.slice('duckdb:'.length));
  }
  if (text.startsWith('cassandra:')) {
    const [{ CassandraStore }, { cassandraOptions }] = await Promise.all([
      import('./cassandra/cassandra-store.ts'),
      import('./cassandra/options.ts'),
    ]);
    return new CassandraStore(await cassandraOptions(text, context.env, context.access), context);
  }
  throw new DdsError('DDS_USAGE', `--store ${text} is not a database that dds knows`, {
    hint: 'Write --store duckdb:PATH, or --store cassandra://HOST:PORT/KEYSPACE?dc=DATACENTER.',
  });
}
