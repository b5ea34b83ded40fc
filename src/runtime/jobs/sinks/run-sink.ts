import { kafkaAt, type SiteAccess } from '../../../shared/access.ts';
import { createLogger } from '../../../shared/logger.ts';
import { HttpLines, type JobRoute, runJob } from '../host/index.ts';
import { Queries } from './query.ts';
import { parseCountRequest, parseQueryRequest } from './query-request.ts';
import { Sink } from './sink.ts';
import { sinkMetrics } from './sink-metrics.ts';
import type { SinkOptions } from './sink-types.ts';
import { storeOf } from './store-of.ts';

export interface RunSinkOptions {
  site: string;
  brokers: readonly string[];
  registry: string;
  access?: SiteAccess | undefined;
  /** `duckdb:PATH`, or `cassandra://HOST:PORT[,HOST:PORT]/KEYSPACE?dc=…`. */
  store: string;
  /** Where credentials of the store are. Default: that of this process. */
  env?: NodeJS.ProcessEnv;
  topics: readonly string[];
  exclude: readonly string[];
  http?: string | undefined;
  logLevel: string;
}

/** Runs a sink as this process until the signal aborts; its HTTP API also answers queries and tells latencies. */
export async function runSink(options: RunSinkOptions, signal: AbortSignal): Promise<void> {
  const log = createLogger({ service: `${options.site}/sink` }, options.logLevel);
  const { site, env = process.env, access } = options;
  const sinkOptions: SinkOptions = {
    site: options.site,
    kafka: kafkaAt(options, `dds-sink-${options.site}`),
    registryUrl: options.registry,
    access: options.access,
    store: await storeOf(options.store, { site, env, access: access?.cassandra, log }),
    topics: options.topics,
    exclude: options.exclude,
    log,
  };
  const sink = new Sink(sinkOptions);
  await runJob(sink, {
    http: options.http,
    metrics: sinkMetrics(sink),
    routes: sinkRoutes(sink),
    log,
    signal,
  });
}

/**
 * `POST /query`, `POST /query/stream` (JSON lines, any number of rows), `POST /count`, `GET /tables`, `GET /latency`,
 * `POST /latency/reset`.
 */
export function sinkRoutes(sink: Sink): JobRoute[] {
  const queries = new Queries(sink.store);
  return [
    {
      method: 'POST',
      path: '/query',
      handle: (body, aborted) => queries.run(parseQueryRequest(body), aborted),
    },
    {
      method: 'POST',
      path: '/query/stream',
      handle(body, aborted) {
        const request = parseQueryRequest(body, 0);
        return new HttpLines((write) => queries.stream(request, aborted, write));
      },
    },
    {
      method: 'POST',
      path: '/count',
      handle: (body, aborted) => queries.count(parseCountRequest(body), aborted),
    },
    { method: 'GET', path: '/tables', handle: (_body, aborted) => queries.tables(aborted) },
    { method: 'GET', path: '/latency', handle: () => sink.latency.summary() },
    {
      method: 'POST',
      path: '/latency/reset',
      handle() {
        sink.latency.reset();
        return sink.latency.summary();
      },
    },
  ];
}
