import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { DdsError } from '../../../errors/index.ts';
import { certificateError } from '../../../shared/tls.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import { unreachable } from './errors.ts';

const PROBE_TIMEOUT_MS = 2000;
/** Nobody listens there, or nobody can be reached: no other way of speaking would help. */
const NOBODY = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EACCES)$/;

type Open = (options: ConnectionOptions) => Promise<Connection>;

/** Why a connection could not be opened. Looks whether the other end speaks TLS where we did not, or the other way round. */
export async function explained(error: Error, options: ConnectionOptions, open: Open): Promise<Error> {
  const address = `${options.host}:${options.port}`;
  if (error instanceof DdsError && error.code !== 'DDS_BROKER_UNREACHABLE' && error.code !== 'DDS_PROTOCOL')
    return error;
  const cause = error instanceof DdsError ? (error.cause ?? error) : error;
  const certificate = certificateError(cause, `broker ${address}`);
  if (certificate) return certificate;
  const plain = unreachable(address, cause);
  if (options.isProbe || NOBODY.test((cause as NodeJS.ErrnoException).code ?? '') || !wasAnswered(cause))
    return plain;
  if (options.tls && (await speaksPlain(options, open)))
    return new DdsError('DDS_TLS', `broker ${address} does not speak TLS on this port`, {
      hint: 'Remove tls from the settings of the site, or give the port of its TLS listener.',
    });
  if (!options.tls && (await speaksTls(options)))
    return new DdsError('DDS_TLS', `broker ${address} wants TLS on this port`, {
      hint: 'Add tls to the settings of the site, or give the port of a listener without TLS.',
    });
  return plain;
}

/** What we ended ourselves tells nothing of the other end. */
const wasAnswered = (cause: unknown) =>
  !(cause instanceof Error && /^(aborted|closed by dds)$/.test(cause.message));

async function speaksPlain(
  { tls: _tls, sasl: _sasl, ...options }: ConnectionOptions,
  open: Open,
): Promise<boolean> {
  try {
    const probe = await open({ ...options, connectTimeoutMs: PROBE_TIMEOUT_MS, isProbe: true });
    probe.close();
    return true;
  } catch {
    return false;
  }
}

async function speaksTls({ host, port }: ConnectionOptions): Promise<boolean> {
  const socket = connectTls({ host, port, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    return true;
  } catch (error) {
    return /ALERT/.test((error as NodeJS.ErrnoException).code ?? '');
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}
