import { request as httpRequest } from 'node:http';
import { json } from 'node:stream/consumers';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DdsError } from '../../errors/index.ts';
import { readLogs } from './log-reader.ts';
import { type ApplyRequest, reconcile } from './reconcile.ts';
import { controlServices, type ServiceAction } from './service-control.ts';
import type { Supervisor } from './supervisor.ts';
import type { StackEvent } from './types.ts';

/**
 * What the other commands ask the supervisor, over HTTP on a Unix socket:
 * `GET /status`, `GET /events`, `GET /logs`, `POST /down`, `POST /control` for single services, `POST /apply` for a changed
 * topology, and `/services/<service>/…` for a service's own API.
 * Errors are `{ error: DdsErrorBody }`.
 */
export async function serveControl(
  supervisor: Supervisor,
  socketPath: string,
  onDown: () => void,
): Promise<FastifyInstance> {
  const { fastify } = await import('fastify');
  const server = fastify({ forceCloseConnections: true });
  // Bodies are passed on as they come; what reads one takes it from the raw request.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, _payload, done) => done(null));
  server.setErrorHandler((thrown, _request, reply) => {
    const error = DdsError.from(thrown);
    void reply.code(error.entry.exitCode === 2 ? 400 : 503).send({ error: error.toBody() });
  });

  server.get('/status', () => supervisor.status());

  server.post('/down', (_request, reply) => {
    onDown();
    return reply.code(202).send({ stopping: true });
  });

  server.post<{ Querystring: { action: ServiceAction; names: string } }>('/control', (request) =>
    controlServices(supervisor, request.query.action, request.query.names.split(',')),
  );

  server.post('/apply', async (request, reply) => {
    const asked = (await json(request.raw)) as ApplyRequest;
    const gone = new AbortController();
    reply.raw.on('close', () => gone.abort());
    const write = lineWriter(reply);
    const unsubscribe = supervisor.subscribe((event) => void write(event));
    try {
      const signal = AbortSignal.any([gone.signal, supervisor.stopping]);
      await supervisor.change(() => reconcile(supervisor, asked, signal, write));
      await write({ type: 'ready', status: await supervisor.status() } satisfies StackEvent);
    } catch (thrown) {
      await write({ type: 'failed', error: DdsError.from(thrown).toBody() } satisfies StackEvent);
    } finally {
      unsubscribe();
      reply.raw.end();
    }
  });

  server.get('/events', (request, reply) => {
    const write = lineWriter(reply);
    const unsubscribe = supervisor.subscribe((event: StackEvent) => write(event));
    request.raw.on('close', unsubscribe);
  });

  server.get<{ Querystring: { service?: string; follow?: string; lines?: string } }>(
    '/logs',
    async (request, reply) => {
      const { service, follow, lines } = request.query;
      const gone = new AbortController();
      request.raw.on('close', () => gone.abort());
      const logs = readLogs({
        directory: supervisor.directory,
        services: service ? service.split(',') : [],
        lines: Number(lines ?? 100),
        signal: follow ? AbortSignal.any([gone.signal, supervisor.stopping]) : null,
      });
      const first = await logs.next(); // An unknown service is an answer of its own, before the stream begins.
      const write = lineWriter(reply);
      if (!first.done) await write(first.value);
      for await (const line of logs) await write(line);
      reply.raw.end();
    },
  );

  server.all<{ Params: { site: string; part: string; '*': string } }>(
    '/services/:site/:part/*',
    (request, reply) => proxy(supervisor, request, reply),
  );

  await server.listen({ path: socketPath });
  return server;
}

/** Passes a request on to the HTTP API of one service, byte by byte. */
function proxy(
  supervisor: Supervisor,
  request: FastifyRequest<{ Params: { site: string; part: string; '*': string } }>,
  reply: FastifyReply,
): void {
  const { site, part } = request.params;
  const service = `${site}/${part}`;
  const child = supervisor.children.find((one) => one.spec.service === service);
  if (!child) throw new DdsError('DDS_UNKNOWN_SERVICE', `no service "${service}" in this stack`);
  const { http } = child.spec;
  if (!http) throw new DdsError('DDS_UNKNOWN_SERVICE', `${service} has no HTTP API`);
  const path = (request.raw.url ?? '').slice(`/services/${site}/${part}`.length);
  const { method, headers } = request.raw;
  reply.hijack();
  const passed = httpRequest({ socketPath: http.slice('unix:'.length), path, method, headers });
  passed.on('response', (answer) => {
    reply.raw.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(reply.raw);
    answer.on('error', () => reply.raw.destroy());
  });
  passed.on('error', () => {
    if (reply.raw.headersSent) return void reply.raw.destroy();
    const error = new DdsError('DDS_STORE_UNREACHABLE', `${service} does not answer (it is ${child.state})`);
    reply.raw.writeHead(503, { 'content-type': 'application/json' });
    reply.raw.end(JSON.stringify({ error: error.toBody() }));
  });
  reply.raw.on('close', () => passed.destroy());
  request.raw.pipe(passed);
}

/** Takes the reply over and returns how to write one JSON line; its promise is for slow readers. */
function lineWriter(reply: FastifyReply): (value: unknown) => Promise<void> | undefined {
  reply.hijack();
  reply.raw.writeHead(200, { 'content-type': 'application/x-ndjson' });
  reply.raw.flushHeaders();
  return (value) => {
    if (reply.raw.destroyed || reply.raw.write(`${JSON.stringify(value)}\n`)) return undefined;
    return new Promise((resolve) => {
      const done = () => {
        reply.raw.off('drain', done).off('close', done);
        resolve();
      };
      reply.raw.on('drain', done).on('close', done);
    });
  };
}
