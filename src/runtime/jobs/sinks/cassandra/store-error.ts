import { DdsError } from '../../../../errors/index.ts';
import type { CassandraOptions } from './options.ts';

/** What the driver's errors have in common; its classes are not loaded for that. */
interface DriverError extends Error {
  /** Of an answer: as in the native protocol's ERROR message. Of a socket: ECONNREFUSED … */
  code?: number | string;
  /** By host: why none could be asked. */
  innerErrors?: Record<string, DriverError>;
}

const badCredentials = 0x0100;
const overloaded = 0x1001;
const writeTimeout = 0x1100;

/** The driver's words about the cluster in one line. */
export function storeError(
  { contactPoints, keyspace, credentials, tls }: CassandraOptions,
  thrown: unknown,
): DdsError {
  if (thrown instanceof DdsError) return thrown;
  const where = `the database cassandra ${contactPoints.join(',')}/${keyspace}`;
  const [host, error] = innermost(thrown as DriverError);
  const at = host === null ? where : `${where}, node ${host}`;
  const unreachable = (message: string, hint: string) =>
    new DdsError('DDS_STORE_UNREACHABLE', message, { cause: thrown, hint });
  if (error.name === 'AuthenticationError' || error.code === badCredentials) {
    if (credentials === null) {
      return unreachable(
        `${at}: a username and a password are needed`,
        'Name them in dds.yaml, under "cassandra" of the store; for a sink alone set DDS_CASSANDRA_USERNAME, and DDS_CASSANDRA_PASSWORD or DDS_CASSANDRA_PASSWORD_FILE.',
      );
    }
    const { username, origin } = credentials;
    return unreachable(
      `${at}: the password of ${username} is wrong, or there is no such user`,
      `The password was taken from ${origin}; correct it there, or the user beside it.`,
    );
  }
  const message = error.message.split('\n')[0]!;
  const [, wanted, there] =
    /localDataCenter was configured as '([^']*)', but only found hosts in data centers: \[(.*)\]/.exec(
      message,
    ) ?? [];
  if (wanted !== undefined) {
    return unreachable(
      `${where}: there is no data centre ${wanted}; there is ${there}`,
      'Correct "datacenter" in dds.yaml, or dc= in --store.',
    );
  }
  const isTls = /SSL|TLS|certificate|self.signed|wrong version number/i.test(`${message} ${error.code}`);
  if (isTls) {
    return unreachable(
      `${at}: TLS failed: ${message}`,
      tls === null
        ? 'Turn it on with "tls: true".'
        : 'Check that the nodes speak TLS, and the "ca" of the store.',
    );
  }
  return unreachable(
    `${at}: ${message}`,
    'Check that the cluster is up and its address is right; the sink then goes on by itself.',
  );
}

/** Whether Cassandra, or our connection to it, says that it has too much to do: then less at once helps. */
export function isOverload(thrown: unknown): boolean {
  const [, { name, code }] = innermost(thrown as DriverError);
  return code === overloaded || code === writeTimeout || name === 'BusyConnectionError';
}

/** Of several hosts that failed, one that says more than that it could not be reached. */
function innermost(error: DriverError): [host: string | null, error: DriverError] {
  const inner = Object.entries(error.innerErrors ?? {});
  const telling = inner.find(([, { code }]) => code !== 'ECONNREFUSED') ?? inner[0];
  return telling ?? [null, error];
}
