import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { Client, QueryOptions, types } from 'cassandra-driver';
import type { CassandraOptions } from './options.ts';
import { storeError } from './store-error.ts';

/** A node that is silent for so long counts as gone, ms. */
const silentMs = 5_000;

export interface Statement {
  query: string;
  params: unknown[];
}

/** The driver and its connections, in the keyspace of the store. Every statement may be sent again. */
export class CassandraSession {
  readonly keyspace: string;
  readonly #client: Client;

  private constructor(client: Client, keyspace: string) {
    this.keyspace = keyspace;
    this.#client = client;
  }

  /** Connects, and makes the keyspace when it is not there. Throws DDS_STORE_UNREACHABLE. */
  static async open(options: CassandraOptions): Promise<CassandraSession> {
    try {
      const client = await connect(options, options.keyspace).catch(async (error: Error) => {
        if (!/keyspace .*does not exist/i.test(error.message)) throw error;
        await makeKeyspace(options);
        return connect(options, options.keyspace);
      });
      return new CassandraSession(client, options.keyspace);
    } catch (error) {
      throw storeError(options, error);
    }
  }

  /** Looks whether the cluster lets us in, and writes nothing. Throws DDS_STORE_UNREACHABLE. */
  static async check(options: CassandraOptions): Promise<void> {
    try {
      const client = await connect(options, null);
      await client.shutdown();
    } catch (error) {
      throw storeError(options, error);
    }
  }

  /** A statement that is prepared once, with values. */
  execute(query: string, params: unknown[] = [], more: QueryOptions = {}): Promise<types.ResultSet> {
    return this.#client.execute(query, params, { prepare: true, ...more });
  }

  /** A statement of the user's, as it is unless it has values. */
  ask(
    query: string,
    params: unknown[] | Record<string, unknown>,
    more: QueryOptions,
  ): Promise<types.ResultSet> {
    return this.#client.execute(query, params, { prepare: Object.keys(params).length > 0, ...more });
  }

  /** Statements of one partition, all or none of them. */
  write(statements: Statement[]): Promise<unknown> {
    if (statements.length > 1) return this.#client.batch(statements, { prepare: true, logged: false });
    const [{ query, params }] = statements as [Statement];
    return this.#client.execute(query, params, { prepare: true });
  }

  /** Changes a table; resolves when all nodes know. */
  async define(statement: string): Promise<void> {
    await this.#client.execute(statement, [], { prepare: false, readTimeout: 30_000 });
  }

  close(): Promise<void> {
    return this.#client.shutdown();
  }
}

async function connect(options: CassandraOptions, keyspace: string | null): Promise<Client> {
  const { default: driver } = await import('cassandra-driver');
  const { contactPoints, localDataCenter, credentials, tls } = options;
  const client = new driver.Client({
    contactPoints,
    localDataCenter,
    ...(keyspace !== null && { keyspace }),
    ...(credentials && {
      authProvider: new driver.auth.PlainTextAuthProvider(credentials.username, credentials.password),
    }),
    ...(tls && { sslOptions: tlsOptions(tls.ca, contactPoints) }),
    policies: { reconnection: new driver.policies.reconnection.ConstantReconnectionPolicy(1000) },
    socketOptions: { connectTimeout: silentMs, readTimeout: silentMs },
    // The driver takes nothing for granted: without `isIdempotent` it would not try another node.
    queryOptions: { consistency: driver.types.consistencies.localQuorum, isIdempotent: true },
    monitorReporting: { enabled: false },
  });
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.shutdown();
    throw error;
  }
}

/** The driver connects to addresses, also where a name was given: a node's certificate is for its own, or for a contact point. */
function tlsOptions(ca: string | null, contactPoints: readonly string[]) {
  const names = contactPoints.map((point) => point.replace(/:\d+$/, ''));
  return {
    rejectUnauthorized: true,
    ...(ca !== null && { ca: [ca] }),
    checkServerIdentity(address: string, certificate: PeerCertificate) {
      const problem = checkServerIdentity(address, certificate);
      const isContactPoint = names.some((name) => checkServerIdentity(name, certificate) === undefined);
      return isContactPoint ? undefined : problem;
    },
  };
}

/** Names can't be values of a statement; this one has been checked, and a data centre's is quoted. */
async function makeKeyspace(options: CassandraOptions): Promise<void> {
  const { keyspace, localDataCenter, replication } = options;
  const client = await connect(options, null);
  try {
    await client.execute(
      `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication =
        {'class': 'NetworkTopologyStrategy', '${localDataCenter.replaceAll("'", "''")}': ${replication}}`,
      [],
      { prepare: false, readTimeout: 30_000 },
    );
  } finally {
    await client.shutdown();
  }
}
