import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { DdsError } from '../../errors/index.ts';
import { type RegistryAccess, readSecret } from '../../shared/access.ts';
import { certificateError, tlsOptions, unusableKey } from '../../shared/tls.ts';
import { withoutUserInfo } from '../../shared/without-user-info.ts';

/** Where a Schema Registry is, and how to get in. */
export interface RegistrySettings extends RegistryAccess {
  /** `http[s]://[user:password@]host:port[/path]` */
  readonly url: string;
}

export interface RegistryAnswer {
  status: number;
  body: unknown;
}

export type RegistryCall = (
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal,
) => Promise<RegistryAnswer>;

/** One request at a time to a registry, over connections that are kept. */
export function registryHttp(settings: RegistrySettings): { base: string; call: RegistryCall } {
  const { base, userInfo } = splitCredentials(settings.url);
  const isTls = base.startsWith('https:');
  const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const send = isTls ? httpsRequest : httpRequest;
  const who = `the Schema Registry at ${base}`;

  const call: RegistryCall = async (method, path, body, signal) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const authorization = authorizationOf(settings, who) ?? userInfo;
    const options = {
      ...{ method, agent, signal },
      headers: {
        accept: 'application/vnd.schemaregistry.v1+json, application/json',
        ...(payload !== undefined && {
          'content-type': 'application/vnd.schemaregistry.v1+json',
          'content-length': Buffer.byteLength(payload),
        }),
        ...(authorization !== null && { authorization }),
      },
      ...(settings.tls && tlsOptions(settings.tls, who)),
    };
    const { status, text } = await exchange(() => send(base + path, options), payload, who);
    return { status, body: parseJson(text) ?? text };
  };
  return { base, call };
}

function exchange(
  begin: () => ReturnType<typeof httpRequest>,
  payload: string | undefined,
  who: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    let request: ReturnType<typeof httpRequest>;
    try {
      request = begin();
    } catch (cause) {
      return reject(unusableKey(cause, who));
    }
    request.on('error', (cause) => reject(certificateError(cause, who) ?? noTls(cause, who) ?? cause));
    request.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    request.end(payload);
  });
}

/** One end speaks TLS, the other does not. */
function noTls(cause: unknown, who: string): DdsError | null {
  const { code } = cause as NodeJS.ErrnoException;
  if (
    code === 'EPROTO' ||
    code === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
    code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG'
  )
    return new DdsError('DDS_TLS', `${who} does not speak TLS on this port`, {
      hint: 'Write the URL with http, or give the port that speaks https.',
      cause,
    });
  if (code === 'HPE_INVALID_CONSTANT')
    return new DdsError('DDS_TLS', `${who} does not answer in HTTP; it may want TLS`, {
      hint: 'Write the URL with https, or give the port that speaks http.',
      cause,
    });
  return null;
}

/** Read anew for each request, so that a token that is renewed in its file is used. */
function authorizationOf({ username, password, token }: RegistrySettings, who: string): string | null {
  if (token) return `Bearer ${readSecret(token, `the token for ${who}`)}`;
  if (username === undefined || !password) return null;
  return basic(username, readSecret(password, `the password of ${username} for ${who}`));
}

const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

function splitCredentials(url: string): { base: string; userInfo: string | null } {
  let parsed: URL;
  try {
    parsed = new URL(url);
    if (!/^https?:$/.test(parsed.protocol)) throw new Error(`${parsed.protocol} is not http or https`);
  } catch (cause) {
    throw new DdsError('DDS_USAGE', `${withoutUserInfo(url)} is not the URL of a Schema Registry`, {
      hint: 'Write it like http://127.0.0.1:8081.',
      cause,
    });
  }
  const { username, password } = parsed;
  parsed.username = '';
  parsed.password = '';
  return {
    base: parsed.href.replace(/\/+$/, ''),
    userInfo: username ? basic(decodeURIComponent(username), decodeURIComponent(password)) : null,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
