import type { Registry } from 'prom-client';
import { DdsError } from '../../../errors/index.ts';
import { aborted } from '../../../shared/aborted.ts';
import type { Logger } from '../../../shared/logger.ts';
import { attachSupervisor, type Supervised, type SupervisedOptions } from '../../../shared/supervised.ts';
import { HttpAnswer, type HttpApi, serveHttp } from './http-api.ts';
import type { Job, JobRoute } from './job.ts';

export interface RunJobOptions {
  /** `unix:/path` or `127.0.0.1:port`; without it there is no HTTP API. */
  http?: string | undefined;
  metrics: Registry;
  routes?: readonly JobRoute[];
  log: Logger;
  /** Aborted by the first SIGINT or SIGTERM (the base command turns signals into it, and leaves at the second). */
  signal: AbortSignal;
  /** How to join the supervisor; the default is over the IPC channel of this process. */
  supervise?: (options: SupervisedOptions) => Supervised;
}

/**
 * Runs a job as this process: serves `/metrics`, `/healthz`, `/info` and its own routes, tells the supervisor when it
 * is ready, and stops it when the signal aborts or the supervisor is gone. Resolves once nothing of it is left; throws
 * a DdsError when it cannot start or ends by an error.
 */
export async function runJob(job: Job, options: RunJobOptions): Promise<void> {
  const { log } = options;
  const orphaned = new AbortController();
  const signal = AbortSignal.any([options.signal, orphaned.signal]);
  let state: 'starting' | 'ready' | 'stopping' = 'starting';

  const supervisor = (options.supervise ?? attachSupervisor)({
    info: () => job.info(),
    onOrphaned: () => {
      log.warn({}, 'the supervisor is gone');
      orphaned.abort();
    },
  });
  // What keeps it from starting says more than that it does.
  const health = () =>
    state === 'stopping' ? state : (job.trouble?.() ?? (state === 'ready' ? null : state));
  const routes: JobRoute[] = [
    { method: 'GET', path: '/healthz', handle: () => healthAnswer(health()) },
    { method: 'GET', path: '/info', handle: () => job.info() },
    ...(options.routes ?? []),
  ];

  let http: HttpApi | null = null;
  try {
    if (options.http !== undefined) {
      await collectProcessMetrics(options.metrics);
      http = await serveHttp({ listen: options.http, metrics: options.metrics, routes });
    }
    await job.start(signal);
    if (!signal.aborted) {
      state = 'ready';
      supervisor.ready();
      log.info(http ? { http: http.address } : {}, `${job.name} is ready`);
      await Promise.race([aborted(signal), ...(job.ended === undefined ? [] : [job.ended])]);
    }
  } catch (thrown) {
    // A start that was given up because we were told to stop has not failed.
    if (!signal.aborted) {
      const error = DdsError.from(thrown);
      log.error({ code: error.code, ...stackOf(error) }, error.message);
      supervisor.failed(error.toBody());
      throw error;
    }
  } finally {
    state = 'stopping';
    await job
      .stop()
      .catch((error: unknown) => log.error({ error: String(error) }, 'the job did not stop cleanly'));
    await http?.close();
    supervisor.release();
  }
  log.info({}, `${job.name} has stopped`);
}

function healthAnswer(trouble: string | null): HttpAnswer {
  return trouble === null ? new HttpAnswer(200, { ok: true }) : new HttpAnswer(503, { ok: false, trouble });
}

/** Only for bugs: what the environment does wrong needs no stack trace. */
function stackOf(error: DdsError): { stack?: string | undefined } {
  if (error.code !== 'DDS_BUG') return {};
  return { stack: error.cause instanceof Error ? error.cause.stack : error.stack };
}

async function collectProcessMetrics(register: Registry): Promise<void> {
  const { collectDefaultMetrics } = await import('prom-client');
  // The default of 10 ms wakes an idle process a hundred times a second.
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: 500 });
}
