import { Counter, Registry } from 'prom-client';
import { kafkaAt, registryAt, type SiteAccess } from '../../../shared/access.ts';
import { systemClock } from '../../../shared/clock.ts';
import { createLogger } from '../../../shared/logger.ts';
import { avroSerdes, type StreamsOptions, type Topology } from '../../streams/index.ts';
import { runJob } from '../host/index.ts';
import { streamJobId } from '../host/job-id.ts';
import { StreamsJob } from '../host/streams-job.ts';
import { deliver } from './channel.ts';
import { notifierTopology } from './notifier-topology.ts';
import { type ChannelSettings, openChannels } from './options.ts';

export interface RunNotifierOptions extends ChannelSettings {
  site: string;
  brokers: readonly string[];
  registry: string;
  access?: SiteAccess | undefined;
  /** Name of the job, and its consumer group with `dds.` before it. */
  name: string;
  /** The topic of the events. */
  events: string;
  streams?: Pick<StreamsOptions, 'guarantee' | 'instanceId'>;
  http?: string | undefined;
  logLevel: string;
}

/** Waits before further attempts at a message, ms: half a minute in all. */
const retryDelaysMs = [500, 1000, 2000, 4000, 8000, 16_000];

/** Runs a notifier as this process until the signal aborts. Throws DDS_USAGE for channels that lack something. */
export async function runNotifier(options: RunNotifierOptions, signal: AbortSignal): Promise<void> {
  const { site, name, events } = options;
  const log = createLogger({ service: `${site}/${name}` }, options.logLevel);
  const clock = systemClock;
  const channels = await openChannels(options, log, clock);
  const metrics = new Registry();
  metrics.setDefaultLabels({ site });
  const registers = [metrics];
  const sentTotal = new Counter({
    ...{ name: 'dds_notifier_messages_total', help: 'Messages taken.', labelNames: ['channel'], registers },
  });
  const retries = new Counter({
    ...{
      name: 'dds_notifier_retries_total',
      help: 'Attempts that failed.',
      labelNames: ['channel'],
      registers,
    },
  });
  const counts = { sent: 0, repeated: 0, unknownSensors: 0, retries: 0 };
  const stopping = new AbortController();
  const topology = notifierTopology(
    streamJobId(name),
    avroSerdes(registryAt({ ...options, registryUrl: options.registry })),
    events,
    {
      async send(message) {
        for (const channel of channels) {
          await deliver(channel, message, {
            ...{ clock, retryDelaysMs, signal: stopping.signal },
            onRetry(failed, reason, waitMs) {
              counts.retries++;
              retries.inc({ channel: failed });
              log.warn({ channel: failed, id: message.id, waitMs }, `a message was not taken: ${reason}`);
            },
          });
          sentTotal.inc({ channel: channel.name });
        }
        counts.sent++;
      },
      onRepeated: () => void counts.repeated++,
      onUnknown(sensor) {
        counts.unknownSensors++;
        log.warn({ sensor }, 'the sensor is not registered; its message has the bare ids');
      },
    },
  );
  const deadLetterTopic = `${events}.${name}.dead-letter`;
  const job = new StreamsJob({
    name: `${name} at ${site}`,
    ...{ site, topology, metrics, log, clock },
    kafka: kafkaAt(options, `dds-${name}-${site}`),
    streams: {
      ...options.streams,
      // A message that is tried again and again may wait behind a dead letter that is in the transaction already.
      transactionTimeoutMs: 60_000,
      onError: { deserialization: { deadLetterTopic }, processing: { deadLetterTopic } },
    },
    details: () => ({ ...counts }),
    onStop: () => stopping.abort(),
  });
  await runJob(job, { http: options.http, routes: job.routes, metrics, log, signal });
}

/** The topology with its defaults and without a cluster, to look at. */
export const describedNotifier = (): Topology =>
  notifierTopology(streamJobId('notifier'), avroSerdes('http://127.0.0.1'), 'temperature-threshold-events', {
    send: async () => undefined,
    onRepeated: () => undefined,
    onUnknown: () => undefined,
  });
