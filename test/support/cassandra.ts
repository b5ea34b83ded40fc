import driver from 'cassandra-driver';
import { CassandraStore } from '../../src/runtime/jobs/sinks/cassandra/cassandra-store.ts';
import { cassandraOptions } from '../../src/runtime/jobs/sinks/cassandra/options.ts';
import { silentLogger } from '../../src/shared/logger.ts';
import { docker, freePort, logged, withoutImage } from './containers.ts';
import { eventually } from './lab.ts';

const image = process.env.DDS_IMAGE_CASSANDRA ?? 'cassandra:5.0.9';

/** Why tests with Cassandra can't run here; null when they can. */
export const withoutCassandra: string | null = (() => {
  // A node that is there already, for those that work on these tests; what stops it is skipped then.
  if (process.env.DDS_TEST_CASSANDRA) return null;
  return withoutImage(image);
})();

export interface TestCassandra extends AsyncDisposable {
  readonly contactPoint: string;
  /** What `--store` takes. */
  flag(keyspace: string, more?: string): string;
  store(keyspace: string, more?: string): Promise<CassandraStore>;
  /** Connects as a client of the test's own, without a keyspace when that is '', and runs the statement. */
  run(keyspace: string, statement?: string): Promise<unknown[][]>;
  /** Does that to the container; `start` waits until it serves. */
  docker(action: 'pause' | 'unpause' | 'stop' | 'kill' | 'start'): Promise<void>;
}

/** One node in a container. With `auth` it wants the user cassandra, password cassandra. */
export async function startCassandra({ auth = false } = {}): Promise<TestCassandra> {
  const given = auth ? undefined : process.env.DDS_TEST_CASSANDRA;
  const container = given === undefined ? await startContainer(auth) : null;
  const contactPoint = given ?? `127.0.0.1:${container!.port}`;
  const run = async (keyspace: string, statement?: string): Promise<unknown[][]> => {
    const client = new driver.Client({
      ...{ contactPoints: [contactPoint], localDataCenter: 'datacenter1' },
      ...(keyspace !== '' && { keyspace }),
      ...(auth && { credentials: { username: 'cassandra', password: 'cassandra' } }),
    });
    try {
      await client.connect();
      if (statement === undefined) return [];
      return (await client.execute(statement)).rows?.map((row) => row.values()) ?? [];
    } finally {
      await client.shutdown();
    }
  };
  // It says that it listens a moment before it does.
  const serves = () =>
    eventually(
      'Cassandra serves',
      () =>
        run('').then(
          () => true,
          () => false,
        ),
      60_000,
    );
  const flag = (keyspace: string, more = '') =>
    `cassandra://${contactPoint}/${keyspace}?dc=datacenter1${more}`;
  const remove = async () => {
    if (container) await docker(['rm', '-f', '-v', container.id]);
  };
  try {
    if (container) await logged(container.id, 'Starting listening for CQL clients', 1);
    await serves();
  } catch (error) {
    await remove();
    throw error;
  }
  let starts = 1;
  return {
    ...{ contactPoint, flag, run },
    async store(keyspace, more) {
      const options = await cassandraOptions(flag(keyspace, more), {});
      return new CassandraStore(options, { site: 'edge-1', log: silentLogger });
    },
    async docker(action) {
      await docker([action, ...(action === 'stop' ? ['-t', '20'] : []), container!.id]);
      if (action !== 'start') return;
      await logged(container!.id, 'Starting listening for CQL clients', ++starts);
      await serves();
    },
    [Symbol.asyncDispose]: remove,
  };
}

async function startContainer(auth: boolean): Promise<{ id: string; port: number }> {
  const port = await freePort();
  const settings = [
    ...['MAX_HEAP_SIZE=512M', 'HEAP_NEWSIZE=128M', 'CASSANDRA_NUM_TOKENS=1'],
    // One node has nobody to wait for.
    'JVM_EXTRA_OPTS=-Dcassandra.skip_wait_for_gossip_to_settle=0 -Dcassandra.ring_delay_ms=0 -Dcassandra.initial_token=0 -Dcassandra.superuser_setup_delay_ms=0',
  ].flatMap((one) => ['-e', one]);
  const byPassword =
    "sed -i 's/^authenticator:.*/authenticator: PasswordAuthenticator/' /etc/cassandra/cassandra.yaml; exec docker-entrypoint.sh cassandra -f";
  const { stdout } = await docker([
    ...['run', '-d', '--label', 'io.dds-lab.test=cassandra', '-p', `127.0.0.1:${port}:9042`, ...settings],
    ...(auth ? ['--entrypoint', 'sh', image, '-c', byPassword] : [image]),
  ]);
  return { id: stdout.trim(), port };
}
