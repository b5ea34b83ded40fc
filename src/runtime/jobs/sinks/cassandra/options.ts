import { readFile } from 'node:fs/promises';
import { DdsError } from '../../../../errors/index.ts';
import { type CassandraAccess, readSecret, type Secret } from '../../../../shared/access.ts';
import { parseTime } from '../../../../shared/parse-time.ts';

export interface CassandraOptions {
  /** `host:port` */
  contactPoints: string[];
  localDataCenter: string;
  keyspace: string;
  /** Copies of each row, when the keyspace is made. */
  replication: number;
  /** How long a row lives; null for ever. */
  ttlSeconds: number | null;
  /** What time of a sensor's readings is one partition of a new table. */
  bucketSeconds: number;
  /** Certificates to trust, in PEM; null for those that Node knows. Without `tls` nothing is encrypted. */
  tls: { ca: string | null } | null;
  credentials: Credentials | null;
}

interface Credentials {
  username: string;
  password: string;
  /** Where the password was found: there it is to be corrected. */
  origin: string;
}

const form = 'cassandra://HOST:PORT[,HOST:PORT]/KEYSPACE?dc=DATACENTER';
const known = ['dc', 'replication', 'ttl', 'bucket', 'tls', 'ca'];

/**
 * Reads `cassandra://host:port[,host:port]/keyspace?dc=datacenter1&ttl=30d&bucket=1d&replication=3&tls=true&ca=PATH`. Who we are
 * is in `access`, else in DDS_CASSANDRA_USERNAME, and DDS_CASSANDRA_PASSWORD or DDS_CASSANDRA_PASSWORD_FILE. Throws DDS_USAGE,
 * DDS_FILE_UNREADABLE or DDS_CREDENTIALS.
 */
export async function cassandraOptions(
  text: string,
  env: NodeJS.ProcessEnv,
  access?: CassandraAccess | null,
): Promise<CassandraOptions> {
  if (/^[^?]*@/.test(text)) {
    throw new DdsError('DDS_USAGE', '--store has credentials in it, where everybody can read them', {
      hint: 'Set DDS_CASSANDRA_USERNAME, and DDS_CASSANDRA_PASSWORD or DDS_CASSANDRA_PASSWORD_FILE.',
    });
  }
  const [, hosts, keyspace, query = ''] = /^cassandra:\/\/([^/?]+)\/([^/?]+)(?:\?(.*))?$/.exec(text) ?? [];
  if (hosts === undefined || keyspace === undefined) throw refused(text, `write it as ${form}`);
  if (!/^[a-z][a-z0-9_]{0,47}$/.test(keyspace)) {
    throw refused(
      text,
      'a keyspace has lower-case letters, digits and _, begins with a letter and has at most 48 of them',
    );
  }
  const settings = new URLSearchParams(query);
  for (const name of settings.keys()) {
    if (!known.includes(name)) throw refused(text, `${name} is not one of ${known.join(', ')}`);
  }
  const replication = Number(settings.get('replication') ?? 1);
  if (!Number.isInteger(replication) || replication < 1)
    throw refused(text, 'replication is a number from 1');
  const time = (name: string) => {
    const value = settings.get(name);
    return value === null ? null : Math.max(1, Math.round(parseTime(value, `--store … ${name}`) / 1000));
  };
  const ca = settings.get('ca');
  return {
    contactPoints: hosts.split(',').map((host) => (/:\d+$/.test(host) ? host : `${host}:9042`)),
    localDataCenter: settings.get('dc') ?? 'datacenter1',
    keyspace,
    replication,
    ttlSeconds: time('ttl'),
    bucketSeconds: time('bucket') ?? 86_400,
    tls:
      settings.get('tls') === 'true' || ca !== null ? { ca: ca === null ? null : await readText(ca) } : null,
    credentials: access ? settled(access) : await credentialsOf(env),
  };
}

function settled({ username, password }: CassandraAccess): Credentials {
  const origin = `${placeOf(password)}, which dds.yaml or --access names`;
  return { username, password: readSecret(password, `the password of ${username} for Cassandra`), origin };
}

const placeOf = (secret: Secret) =>
  'file' in secret ? `the file ${secret.file}` : `the variable ${secret.env}`;

async function credentialsOf(env: NodeJS.ProcessEnv): Promise<Credentials | null> {
  const { DDS_CASSANDRA_USERNAME: username, DDS_CASSANDRA_PASSWORD_FILE: file } = env;
  if (!username) return null;
  const password = file ? (await readText(file)).replace(/\r?\n$/, '') : env.DDS_CASSANDRA_PASSWORD;
  if (password === undefined) {
    throw new DdsError('DDS_USAGE', 'DDS_CASSANDRA_USERNAME is set, but no password', {
      hint: 'Set DDS_CASSANDRA_PASSWORD or DDS_CASSANDRA_PASSWORD_FILE.',
    });
  }
  return { username, password, origin: placeOf(file ? { file } : { env: 'DDS_CASSANDRA_PASSWORD' }) };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new DdsError('DDS_FILE_UNREADABLE', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

const refused = (text: string, what: string) =>
  new DdsError('DDS_USAGE', `--store ${text} is not a database that dds knows: ${what}`);
