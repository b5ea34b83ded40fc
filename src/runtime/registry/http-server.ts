import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DdsError } from '../../errors/index.ts';
import type { Logger } from '../../shared/logger.ts';
import { RegistryError } from './registry-error.ts';

export interface ApiRequest {
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** Parsed JSON; undefined when there was none. */
  body: unknown;
}

/** One operation: its answer is the JSON body. `path` has `{name}` for parameters. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  answer(request: ApiRequest): unknown;
}

const v1 = 'application/vnd.schemaregistry.v1+json';
const produced = [v1, 'application/vnd.schemaregistry+json', 'application/json'];
const consumed = [...produced, 'application/octet-stream'];
const maxBodyBytes = 8 * 1024 * 1024;

/** An HTTP server of JSON operations with the error bodies and content types of Confluent's registry. */
export class ApiServer {
  readonly #routes: { route: Route; parts: string[] }[];
  readonly #log: Logger;
  readonly #server: Server;
  requests = 0;

  constructor(routes: readonly Route[], log: Logger) {
    this.#routes = routes.map((route) => ({ route, parts: route.path.split('/') }));
    this.#log = log;
    this.#server = createServer((request, response) => {
      this.requests++;
      void this.#serve(request, response);
    });
  }

  /** The port it listens on. Throws DDS_PORT_TAKEN. */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        reject(
          error.code === 'EADDRINUSE'
            ? new DdsError(
                'DDS_PORT_TAKEN',
                `port ${port} on ${host} is in use; the Schema Registry needs it`,
                {
                  details: { host, port },
                  cause: error,
                },
              )
            : error,
        );
      });
      this.#server.listen(port, host, resolve);
    });
    this.#server.removeAllListeners('error').on('error', (error) => {
      this.#log.error({ err: String(error) }, 'HTTP server error');
    });
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
      // Requests under way may end; a client that keeps silent may not hold us up.
      setTimeout(() => this.#server.closeAllConnections(), 500).unref();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const type = contentTypeFor(request.headers.accept);
    let status = 200;
    let answer: unknown;
    try {
      if (type === null) throw new RegistryError(406, 'HTTP 406 Not Acceptable');
      answer = await this.#answer(request);
    } catch (error) {
      const known = error instanceof RegistryError ? error : new RegistryError(500, 'Internal Server Error');
      if (known !== error) this.#log.error({ err: String(error), url: request.url }, 'a request failed');
      status = known.status;
      answer = { error_code: known.code, message: known.message };
      // What is left of a body that was not read would be taken for the next request.
      if (!request.complete) response.setHeader('connection', 'close');
    }
    // A bare string is a schema's text, and JSON already.
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
    response.writeHead(status, { 'content-type': type ?? v1, 'content-length': Buffer.byteLength(text) });
    response.end(request.method === 'HEAD' ? undefined : text);
  }

  async #answer(request: IncomingMessage): Promise<unknown> {
    const url = request.url ?? '/';
    const at = url.indexOf('?');
    const path = at < 0 ? url : url.slice(0, at);
    const { route, params } = this.#find(request.method === 'HEAD' ? 'GET' : request.method, path);
    const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
    return route.answer({ params, query, body: await readBody(request) });
  }

  #find(method: string | undefined, path: string): { route: Route; params: Record<string, string> } {
    const parts = path.length > 1 && path.endsWith('/') ? path.slice(0, -1).split('/') : path.split('/');
    const matching = this.#routes.filter((candidate) => matches(candidate.parts, parts));
    if (matching.length === 0) throw new RegistryError(404, 'HTTP 404 Not Found');
    const found = matching.find(({ route }) => route.method === method);
    if (!found) throw new RegistryError(405, 'HTTP 405 Method Not Allowed');
    const params: Record<string, string> = {};
    found.parts.forEach((part, i) => {
      if (part.startsWith('{')) params[part.slice(1, -1)] = decode(parts[i]!);
    });
    return { route: found.route, params };
  }
}

function matches(pattern: readonly string[], parts: readonly string[]): boolean {
  return (
    pattern.length === parts.length && pattern.every((part, i) => part.startsWith('{') || part === parts[i])
  );
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new RegistryError(400, `Malformed path segment ${part}`);
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new RegistryError(413, `The body is larger than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  const type = (request.headers['content-type'] ?? v1).split(';')[0]!.trim().toLowerCase();
  if (!consumed.includes(type)) throw new RegistryError(415, 'HTTP 415 Unsupported Media Type');
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw new RegistryError(
      400,
      `The body is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The first produced type that the client accepts; null when it accepts none. */
function contentTypeFor(accept: string | undefined): string | null {
  if (accept === undefined || accept.trim() === '') return v1;
  const wanted = accept.split(',').map((part) => part.split(';')[0]!.trim().toLowerCase());
  if (wanted.includes('*/*') || wanted.includes('application/*'))
    return produced.find((type) => wanted.includes(type)) ?? v1;
  return produced.find((type) => wanted.includes(type)) ?? null;
}
