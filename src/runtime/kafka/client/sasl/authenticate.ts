import { DdsError } from '../../../../errors/index.ts';
import type { SaslAccess } from '../../../../shared/access.ts';
import { kafkaErrorName, saslAuthenticate, saslHandshake } from '../../../protocol/index.ts';
import type { Connection } from '../connection.ts';
import { saslExchange } from './exchange.ts';

/**
 * Authenticates a connection, or does it again (KIP-43, KIP-152). How long that holds, ms; 0 for as long as the connection
 * lives (KIP-368). Throws DDS_AUTHENTICATION, DDS_CREDENTIALS.
 */
export async function authenticate(
  connection: Connection,
  sasl: SaslAccess,
  extraTimeoutMs = 0,
): Promise<number> {
  const { address } = connection;
  const mechanism = sasl.mechanism.toUpperCase();
  const exchange = saslExchange(sasl, `broker ${address}`);
  if (!connection.supports(saslHandshake, 1)) throw noSasl(address);
  const { errorCode, mechanisms } = await connection.requestNow(
    saslHandshake,
    { mechanism },
    { extraTimeoutMs },
  );
  if (kafkaErrorName(errorCode) === 'ILLEGAL_SASL_STATE') throw noSasl(address);
  if (errorCode) {
    throw new DdsError('DDS_AUTHENTICATION', `broker ${address} does not offer SASL by ${mechanism}`, {
      hint: `It offers ${mechanisms.join(', ') || 'none'}: set sasl.mechanism to one of them.`,
      details: { mechanisms },
    });
  }
  let message: Buffer | null = exchange.first();
  for (;;) {
    const answer = await connection.requestNow(saslAuthenticate, { authBytes: message });
    if (answer.errorCode) throw refused(address, sasl, answer.errorMessage);
    try {
      message = await exchange.next(answer.authBytes);
    } catch (cause) {
      throw refused(address, sasl, (cause as Error).message, cause);
    }
    if (message === null) return answer.sessionLifetimeMs;
  }
}

function refused(address: string, sasl: SaslAccess, said: string | null, cause?: unknown): DdsError {
  const who = sasl.username === undefined ? 'the token' : `user ${sasl.username}`;
  return new DdsError(
    'DDS_AUTHENTICATION',
    `broker ${address} does not accept ${who}${said ? `: ${said}` : ''}`,
    { cause, details: { mechanism: sasl.mechanism } },
  );
}

const noSasl = (address: string) =>
  new DdsError('DDS_AUTHENTICATION', `broker ${address} takes no SASL on this port`, {
    hint: 'Remove sasl from the settings of the site, or give the port of its SASL listener.',
  });
