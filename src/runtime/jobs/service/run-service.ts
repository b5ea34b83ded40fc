import { Registry } from 'prom-client';
import { DdsError } from '../../../errors/index.ts';
import { kafkaAt, registryAt } from '../../../shared/access.ts';
import { createLogger, type Logger } from '../../../shared/logger.ts';
import { watchSignals } from '../../../shared/signals.ts';
import { type AvroSerdes, avroSerdes, type StreamsOptions, type Topology } from '../../streams/index.ts';
import { runJob } from '../host/index.ts';
import { StreamsJob } from '../host/streams-job.ts';
import type { ServiceBody } from './service-context.ts';
import { ServiceJob } from './service-job.ts';
import { readAllSettings, type ServiceSettings } from './settings.ts';

/**
 * Runs a function as this process, a well-behaved member of a stack: settings from the environment, JSON lines on stdout,
 * `/healthz` and `/metrics`, a clean stop by SIGTERM or Ctrl-C with exit code 0. When the function ends because a broker or
 * the registry is away it is called again, after 0.5 s at first and 10 s at most; any other error ends the process with one
 * line and a code.
 */
export async function runService(name: string, body: ServiceBody): Promise<void> {
  await runProcess(async (settings, signal) => {
    const { log, metrics } = reporting(name, settings);
    const job = new ServiceJob(name, body, settings, log, metrics);
    const code = await exitCodeOf(runJob(job, { http: settings.http, metrics, log, signal }));
    if (job.unfinished === null) return code;
    const { hint, message } = DdsError.from(job.unfinished);
    log.error({ hint }, message);
    // Whatever it still waits for would keep the process.
    process.exit(1);
  });
}

/** What a stream job is built with. */
export interface StreamsContext {
  readonly settings: ServiceSettings;
  /** Serdes for Avro with the site's Schema Registry. */
  readonly avro: AvroSerdes;
}

/**
 * Runs a topology as this process, as `runService` runs a function. Its id is the job's name and consumer group;
 * `GET /topology` describes it.
 */
export async function runStreams(
  build: (context: StreamsContext) => Topology,
  options: Omit<StreamsOptions, 'kafka'> = {},
): Promise<void> {
  await runProcess(async (settings, signal) => {
    const { site, registry: registryUrl, http } = settings;
    const avro = avroSerdes(registryAt({ ...settings, registryUrl }));
    const topology = build({ settings, avro });
    const { id: name } = topology;
    const { log, metrics } = reporting(name, settings);
    const kafka = kafkaAt(settings, `${name}-${site}`);
    const job = new StreamsJob({ name, site, topology, kafka, metrics, log, streams: options });
    return exitCodeOf(runJob(job, { http, metrics, routes: job.routes, log, signal }));
  });
}

function reporting(service: string, { site, logLevel }: ServiceSettings): { log: Logger; metrics: Registry } {
  const metrics = new Registry();
  metrics.setDefaultLabels({ site, service });
  return { log: createLogger({ service, site }, logLevel), metrics };
}

/** What ends a job by an error is in its log already. */
const exitCodeOf = (job: Promise<void>): Promise<number> =>
  job.then(
    () => 0,
    (error: unknown) => DdsError.from(error).entry.exitCode,
  );

async function runProcess(
  run: (settings: ServiceSettings, signal: AbortSignal) => Promise<number>,
): Promise<void> {
  const interrupt = watchSignals();
  try {
    process.exitCode = await run(await readAllSettings(), interrupt.signal);
  } catch (thrown) {
    const error = DdsError.from(thrown);
    const { code, hint, message, cause } = error;
    const stack = code === 'DDS_BUG' && cause instanceof Error ? { stack: cause.stack } : {};
    createLogger().error({ code, hint, ...stack }, message);
    process.exitCode = error.entry.exitCode;
  } finally {
    interrupt.dispose();
  }
}
