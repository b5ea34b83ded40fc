import { Counter, Registry } from 'prom-client';
import { kafkaAt, registryAt, type SiteAccess } from '../../../shared/access.ts';
import { createLogger } from '../../../shared/logger.ts';
import { avroSerdes, type ErrorPolicies, type StreamsOptions, type Topology } from '../../streams/index.ts';
import { runJob } from '../host/index.ts';
import { streamJobId } from '../host/job-id.ts';
import { StreamsJob } from '../host/streams-job.ts';
import { detectorTopology } from './detector-topology.ts';
import { type DetectorSettings, defaultDetector, detectorOptions } from './options.ts';
import { detectorTopics } from './topics.ts';

export interface RunDetectorOptions extends DetectorSettings {
  site: string;
  brokers: readonly string[];
  registry: string;
  access?: SiteAccess | undefined;
  /** Name of the job, and its consumer group with `dds.` before it. */
  name: string;
  /** The topic of the measurements. */
  topic: string;
  /** The topic of the events. */
  events: string;
  onError: ErrorPolicies;
  streams?: Pick<StreamsOptions, 'guarantee' | 'instanceId'>;
  http?: string | undefined;
  logLevel: string;
}

/** Runs a detector as this process until the signal aborts. Throws DDS_USAGE for settings that cannot be. */
export async function runDetector(options: RunDetectorOptions, signal: AbortSignal): Promise<void> {
  const { site, name } = options;
  const limits = detectorOptions(options);
  const log = createLogger({ service: `${site}/${name}` }, options.logLevel);
  const metrics = new Registry();
  metrics.setDefaultLabels({ site });
  const registers = [metrics];
  const events = new Counter({
    ...{ name: 'dds_detector_events_total', help: 'Events sent.', labelNames: ['phase'], registers },
  });
  const late = new Counter({
    ...{ name: 'dds_detector_late_total', help: 'Samples older than one of their sensor before.', registers },
  });
  const counts = { START: 0, EXCEEDING: 0, END: 0 };
  let lateSamples = 0;
  const topology = detectorTopology(
    streamJobId(name),
    detectorTopics(avroSerdes(registryAt({ ...options, registryUrl: options.registry })), options),
    limits,
    {
      onEvent(phase) {
        counts[phase]++;
        events.inc({ phase });
      },
      onLate() {
        lateSamples++;
        late.inc();
      },
    },
  );
  const job = new StreamsJob({
    name: `${name} at ${site}`,
    ...{ site, topology, metrics, log },
    kafka: kafkaAt(options, `dds-${name}-${site}`),
    streams: { ...options.streams, onError: options.onError },
    details: () => ({ started: counts.START, ended: counts.END, lateSamples }),
  });
  await runJob(job, { http: options.http, routes: job.routes, metrics, log, signal });
}

/** The topology with its defaults and without a cluster, to look at. */
export function describedDetector(): Topology {
  const topics = detectorTopics(avroSerdes('http://127.0.0.1'), {
    ...{ topic: 'temperature-data', events: 'temperature-threshold-events' },
  });
  return detectorTopology(streamJobId('detector'), topics, detectorOptions(defaultDetector));
}
