import type { ConnectionOptions } from 'node:tls';
import { DdsError } from '../errors/index.ts';
import { readCredentialFile, readSecret, type TlsAccess } from './access.ts';

/** What node:tls and node:https take. `where` is the address, for errors. Throws DDS_CREDENTIALS. */
export function tlsOptions(tls: TlsAccess, where: string): ConnectionOptions {
  const { ca, cert, key, passphrase, servername, verify = true } = tls;
  return {
    ...(ca !== undefined && { ca: readCredentialFile(ca, `the CA of ${where}`) }),
    ...(cert !== undefined && { cert: readCredentialFile(cert, `the certificate for ${where}`) }),
    ...(key !== undefined && { key: readCredentialFile(key, `the key for ${where}`) }),
    ...(passphrase !== undefined && { passphrase: readSecret(passphrase, `the passphrase for ${where}`) }),
    ...(servername !== undefined && { servername }),
    rejectUnauthorized: verify,
  };
}

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
  'INVALID_PURPOSE',
]);

/**
 * What went wrong with certificates, as an error of ours; null when it is something else. `who` is the other end:
 * `broker host:9093`.
 */
export function certificateError(cause: unknown, who: string): DdsError | null {
  if (!(cause instanceof Error)) return null;
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const tls = (text: string, hint: string) =>
    new DdsError('DDS_TLS', text, { cause, hint, details: { tls: code } });
  if (untrusted.has(code))
    return tls(
      `the certificate of ${who} is not trusted (${message.split(';')[0]})`,
      'Name the CA that signed it with tls.ca, a PEM file.',
    );
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return tls(
      `the certificate of ${who} is not valid now (${message})`,
      'Have it renewed, or check the clock.',
    );
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = (cause as { cert?: { subjectaltname?: string } }).cert?.subjectaltname;
    return tls(
      `the certificate of ${who} is for another name (${names ?? message})`,
      'Use a name that the certificate has as the address, or set tls.servername to it.',
    );
  }
  const refused = /ALERT_(.+)$/.exec(code)?.[1];
  if (refused?.includes('CERTIFICATE') || refused?.includes('UNKNOWN_CA') || refused?.includes('HANDSHAKE'))
    return tls(
      `${who} refused the TLS handshake (${refused.toLowerCase().replaceAll('_', ' ')})`,
      'It may want a certificate of the client: set tls.cert and tls.key, signed by a CA that it trusts.',
    );
  return null;
}

/** Node could not even begin, with the client's own files. */
export const unusableKey = (cause: unknown, who: string): DdsError =>
  new DdsError('DDS_TLS', `tls for ${who} cannot be used: ${(cause as Error).message.split('\n')[0]}`, {
    hint: 'ca, cert and key must be PEM files, cert and key belong together, and the passphrase must open the key.',
    cause,
  });
