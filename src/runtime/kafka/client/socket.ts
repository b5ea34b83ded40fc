import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TlsAccess } from '../../../shared/access.ts';
import { tlsOptions, unusableKey } from '../../../shared/tls.ts';

/** A socket that is being connected; what is written meanwhile is kept. Throws DDS_CREDENTIALS, DDS_TLS. */
export function openSocket({
  host,
  port,
  tls,
}: {
  host: string;
  port: number;
  tls?: TlsAccess | undefined;
}): Socket {
  if (!tls) return connect({ host, port, noDelay: true, keepAlive: true });
  const broker = `broker ${host}:${port}`;
  const options = { host, port, ...(isIP(host) === 0 && { servername: host }), ...tlsOptions(tls, broker) };
  try {
    return connectTls(options).setNoDelay(true).setKeepAlive(true);
  } catch (cause) {
    throw unusableKey(cause, broker);
  }
}
