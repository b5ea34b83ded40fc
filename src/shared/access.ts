import { readFileSync } from 'node:fs';
import { DdsError } from '../errors/index.ts';

/**
 * Where a secret is, never the secret itself: a variable of the environment, or the path of a file. So these settings can
 * be written down, printed and passed on; a secret is read at the moment a connection needs it.
 */
export type Secret = { readonly env: string } | { readonly file: string };

/** Encryption. Paths of PEM files; they are read for each connection. */
export interface TlsAccess {
  /** Certificates to trust instead of those that the system trusts. */
  readonly ca?: string | undefined;
  /** Certificate and key of the client, where the other end asks for them. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly passphrase?: Secret | undefined;
  /** The name that the certificate must have, where it is not the host of the address. */
  readonly servername?: string | undefined;
  /** False takes any certificate, also that of somebody in between. Default true. */
  readonly verify?: boolean | undefined;
}

export const saslMechanisms = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const;
export type SaslMechanism = (typeof saslMechanisms)[number];

export interface SaslAccess {
  readonly mechanism: SaslMechanism;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  /** Of oauthbearer, in place of user and password. */
  readonly token?: Secret | undefined;
}

/** How a client gets into a Kafka cluster. */
export interface KafkaAccess {
  readonly tls?: TlsAccess | undefined;
  readonly sasl?: SaslAccess | undefined;
}

/** How a client gets into a Schema Registry: by user and password, or by a token. */
export interface RegistryAccess {
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
  readonly tls?: TlsAccess | undefined;
}

/** Who a client of a Cassandra cluster is. */
export interface CassandraAccess {
  readonly username: string;
  readonly password: Secret;
}

export interface SiteAccess {
  readonly kafka?: KafkaAccess | undefined;
  readonly registry?: RegistryAccess | undefined;
  readonly cassandra?: CassandraAccess | undefined;
}

/** The secret itself. `what` names it in the error. Throws DDS_CREDENTIALS. */
export function readSecret(secret: Secret, what: string, env: NodeJS.ProcessEnv = process.env): string {
  if ('file' in secret) return readCredentialFile(secret.file, what).toString('utf8').trimEnd();
  const value = env[secret.env];
  if (value) return value;
  throw new DdsError('DDS_CREDENTIALS', `the variable ${secret.env}, ${what}, is not set`, {
    hint: `Set ${secret.env} in the environment of this command, or name a file instead.`,
    details: { env: secret.env },
  });
}

/** Throws DDS_CREDENTIALS. */
export function readCredentialFile(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const reason =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message;
    throw new DdsError('DDS_CREDENTIALS', `${path}, ${what}, cannot be read: ${reason}`, {
      ...{ cause, details: { file: path } },
    });
  }
}

/** A site's cluster and registry, and how to get in where that takes more than an address. */
export interface SiteCluster {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly access?: SiteAccess | null | undefined;
}

/** What the port to Kafka takes. */
export const kafkaAt = ({ brokers, access }: Pick<SiteCluster, 'brokers' | 'access'>, clientId: string) => ({
  ...{ brokers, clientId },
  ...access?.kafka,
});

/** What the client of a Schema Registry takes. */
export const registryAt = ({ registryUrl, access }: Pick<SiteCluster, 'registryUrl' | 'access'>) => ({
  url: registryUrl,
  ...access?.registry,
});
