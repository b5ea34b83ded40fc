import { once } from 'node:events';
import { unlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Registry } from 'prom-client';
import { DdsError } from '../../../errors/index.ts';
import type { JobRoute } from './job.ts';

// node:http, not fastify: a job answers a handful of local requests, and fastify would cost every one of a stack's
// job processes about 10 MB and 50 ms at start.

const maxBodyBytes = 1 << 20;

/** Where to listen. `address` is a path for Unix sockets. */
export interface HttpApi {
  /** `unix:/path` or `127.0.0.1:port`, with the port that was really taken. */
  readonly address: string;
  close(): Promise<void>;
}

export interface HttpApiOptions {
  /** `unix:/path` or `host:port`; port 0 takes a free one. */
  listen: string;
  metrics: Registry;
  routes: readonly JobRoute[];
}

/** Serves the routes, and `/metrics` for Prometheus. Throws DDS_PORT_TAKEN or DDS_USAGE. */
export async function serveHttp(options: HttpApiOptions): Promise<HttpApi> {
  const target = parseAddress(options.listen);
  const stopping = new AbortController();
  const server = createServer((request, response) => {
    void answer(request, response, options, stopping.signal);
  });
  server.keepAliveTimeout = 60_000;
  await listen(server, target, options.listen);
  const taken = server.address();
  const address =
    typeof taken === 'object' && taken !== null ? `${target.host}:${taken.port}` : options.listen;
  return {
    address,
    async close() {
      stopping.abort();
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Target {
  path?: string;
  host?: string;
  port?: number;
}

function parseAddress(listen: string): Target {
  if (listen.startsWith('unix:')) return { path: listen.slice('unix:'.length) };
  const match = /^(?:(.+):)?(\d{1,5})$/.exec(listen);
  const port = Number(match?.[2]);
  if (!match || port > 65_535) {
    throw new DdsError('DDS_USAGE', `--http ${listen} is not an address`, {
      hint: 'Use 127.0.0.1:9400, or unix:/path/to/socket.',
    });
  }
  return { host: match[1] ?? '127.0.0.1', port };
}

async function listen(server: Server, target: Target, text: string): Promise<void> {
  try {
    await tryListen(server, target);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EADDRINUSE') {
      throw new DdsError('DDS_FAILED', `cannot listen on ${text}: ${(error as Error).message}`, {
        cause: error,
      });
    }
    // A killed process leaves its socket file behind; only one that nobody answers on may go.
    if (target.path === undefined || (await isAnswered(target.path))) {
      throw new DdsError('DDS_PORT_TAKEN', `${text} is in use`, {
        cause: error,
        hint: 'Choose another --http.',
      });
    }
    await unlink(target.path).catch(() => undefined);
    await tryListen(server, target);
  }
}

async function tryListen(server: Server, target: Target): Promise<void> {
  server.listen(target);
  await once(server, 'listening');
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { metrics, routes }: HttpApiOptions,
  stopping: AbortSignal,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0];
  try {
    if (path === '/metrics' && request.method === 'GET') {
      response.setHeader('content-type', metrics.contentType);
      response.end(await metrics.metrics());
      return;
    }
    const route = routes.find((one) => one.path === path && one.method === request.method);
    if (!route) {
      send(response, 404, { message: `no ${request.method} ${path}` });
      return;
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const body = route.method === 'POST' ? await readJson(request) : undefined;
    const result = await route.handle(body, AbortSignal.any([gone.signal, stopping]));
    if (result instanceof HttpLines) await sendLines(response, result);
    else if (result instanceof HttpAnswer) send(response, result.status, result.body);
    else send(response, 200, result ?? {});
  } catch (thrown) {
    const error = DdsError.from(thrown);
    send(response, statusOf(error), error.toBody());
  }
}

/** A route's answer with a status of its own. */
export class HttpAnswer {
  readonly status: number;
  readonly body: unknown;
  constructor(status: number, body: unknown) {
    this.status = status;
    this.body = body;
  }
}

/** A route's answer of any length: JSON lines, written as fast as the client takes them. */
export class HttpLines {
  readonly produce: (write: WriteLine) => Promise<void>;
  constructor(produce: (write: WriteLine) => Promise<void>) {
    this.produce = produce;
  }
}

/** Resolves when the client can take more, or has gone away. */
type WriteLine = (line: object) => Promise<void> | undefined;

/** An error before the first line is an answer like any other; a later one is the last line, `{"error": …}`. */
async function sendLines(response: ServerResponse, lines: HttpLines): Promise<void> {
  const write: WriteLine = (line) => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    if (response.destroyed || response.write(`${JSON.stringify(line)}\n`)) return undefined;
    return new Promise((resolve) => {
      const done = () => {
        response.off('drain', done);
        response.off('close', done);
        resolve();
      };
      response.on('drain', done);
      response.on('close', done);
    });
  };
  try {
    await lines.produce(write);
  } catch (thrown) {
    if (!response.headersSent) throw thrown;
    void write({ error: DdsError.from(thrown).toBody() });
  }
  response.end();
}

function statusOf(error: DdsError): number {
  if (error.entry.kind === 'user') return 400;
  return error.entry.kind === 'environment' ? 503 : 500;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxBodyBytes)
      throw new DdsError('DDS_USAGE', `the request body exceeds ${maxBodyBytes} bytes`);
    parts.push(part);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (cause) {
    throw new DdsError('DDS_USAGE', 'the request body is not JSON', { cause });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
