import { DdsError } from '../../../../errors/index.ts';
import { readSecret, type SaslAccess } from '../../../../shared/access.ts';
import { scram } from './scram.ts';

/** What a client says in one authentication. */
export interface SaslExchange {
  first(): Buffer;
  /** The answer to what the server said; null when all is said. Throws when the server is not to be trusted. */
  next(challenge: Buffer): Promise<Buffer | null>;
}

/** Reads the secret. `broker` is for errors. Throws DDS_CREDENTIALS. */
export function saslExchange(sasl: SaslAccess, broker: string): SaslExchange {
  const { mechanism } = sasl;
  if (mechanism === 'oauthbearer') {
    const token = readSecret(needed(sasl, 'token'), `the token for ${broker}`);
    return {
      first: () => Buffer.from(`n,,\x01auth=Bearer ${token}\x01\x01`),
      // RFC 7628: a refusal is acknowledged, and only then told as an error.
      next: async (challenge) => (challenge.length > 0 ? Buffer.from('\x01') : null),
    };
  }
  const username = needed(sasl, 'username');
  const password = readSecret(needed(sasl, 'password'), `the password of ${username} for ${broker}`);
  if (mechanism === 'plain')
    return { first: () => Buffer.from(`\0${username}\0${password}`), next: async () => null };
  return scram({ digest: mechanism.replace('scram-sha-', 'sha'), username, password });
}

function needed<Key extends 'username' | 'password' | 'token'>(
  sasl: SaslAccess,
  key: Key,
): NonNullable<SaslAccess[Key]> {
  const value = sasl[key];
  if (value !== undefined) return value;
  throw new DdsError('DDS_USAGE', `SASL by ${sasl.mechanism} needs ${key}`, {
    hint: 'oauthbearer takes a token, every other mechanism a username and a password.',
  });
}
