import { DdsError } from '../../../errors/index.ts';
import { createLogger } from '../../../shared/logger.ts';
import { HttpLines, type JobRoute, runJob } from '../host/index.ts';
import { Queries } from './query.ts';
import { parseQueryRequest } from './query-request.ts';
import { Sink } from './sink.ts';
import { sinkMetrics } from './sink-metrics.ts';
import type { SinkOptions } from './sink-types.ts';

export interface RunSinkOptions {
  site: string;
  brokers: readonly string[];
  registry: string;
  /** `duckdb:PATH` */
  store: string;
  topics: readonly string[];
  exclude: readonly string[];
  http?: string | undefined;
  logLevel: string;
}

/** Runs a sink as this process until the signal aborts; its HTTP API also answers queries and tells latencies. */
export async function runSink(options: RunSinkOptions, signal: AbortSignal): Promise<void> {
  const log = createLogger({ service: `${options.site}/sink` }, options.logLevel);
  const sinkOptions: SinkOptions = {
    site: options.site,
    kafka: { brokers: options.brokers, clientId: `dds-sink-${options.site}` },
    registryUrl: options.registry,
    path: storePath(options.store),
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

/** `POST /query`, `POST /query/stream` (JSON lines, any number of rows), `GET /latency`, `POST /latency/reset`. */
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

function storePath(store: string): string {
  const path = store.startsWith('duckdb:') ? store.slice('duckdb:'.length) : '';
  if (path === '') {
    throw new DdsError('DDS_USAGE', `--store ${store} is not a database that dds knows`, {
      hint: 'Write --store duckdb:PATH.',
    });
  }
  return path;
}
