import { randomUUID } from 'node:crypto';
import type { Registry } from 'prom-client';
import { DdsError } from '../../../errors/index.ts';
import { aborted } from '../../../shared/aborted.ts';
import { type Clock, systemClock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import { createKafka, isFenced, type Kafka, type KafkaSettings } from '../../kafka/index.ts';
import {
  type StreamsApp,
  type StreamsInfo,
  type StreamsOptions,
  streams,
  type Topology,
} from '../../streams/index.ts';
import type { Job, JobRoute } from './job.ts';
import { streamsMetrics } from './streams-metrics.ts';

export interface StreamsJobOptions {
  /** For people: `detector at edge-1`. */
  name: string;
  site: string;
  kafka: KafkaSettings;
  topology: Topology;
  streams?: Omit<StreamsOptions, 'kafka'>;
  metrics: Registry;
  log: Logger;
  /** What the job tells beside its tasks. */
  details?: () => Record<string, unknown>;
  /** Called first when the job is told to stop: gives up what functions of the topology wait for. */
  onStop?: () => void;
  clock?: Clock;
}

export interface StreamsJobInfo extends StreamsInfo {
  site: string;
  /** Sum over the tasks. */
  processed: number;
  lagRecords: number;
  trouble: string | null;
}

const retryMs = 500;
/** After a crash the group waits so long for the member that is gone, before its successor may begin. */
const sessionTimeoutMs = 10_000;
/** A cluster that does not answer must not keep a job from stopping. */
const stopLimitMs = 3000;

/** A topology as a job: it waits for a cluster that is not there, and goes on when it is back. */
export class StreamsJob implements Job<StreamsJobInfo> {
  readonly name: string;
  readonly ended: Promise<void>;
  readonly #options: StreamsJobOptions;
  readonly #clock: Clock;
  readonly #kafka: Kafka;
  readonly #stopping = new AbortController();
  readonly #fail: (error: unknown) => void;
  /** That of the process where it has no other: what an app that ended left open is aborted by the next one. */
  readonly #instanceId = randomUUID();
  #app: StreamsApp;
  #trouble: string | null = null;

  constructor(options: StreamsJobOptions) {
    this.name = options.name;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#kafka = createKafka(options.kafka, { clock: this.#clock, log: options.log });
    this.#app = this.#newApp();
    const { promise, reject } = Promise.withResolvers<void>();
    this.ended = promise;
    this.ended.catch(() => undefined);
    this.#fail = reject;
    streamsMetrics(options.metrics, () => this.#app.info());
  }

  trouble(): string | null {
    return this.#trouble ?? this.#app.unreachable?.message ?? null;
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#begin(AbortSignal.any([signal, this.#stopping.signal]));
    void this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const closing = this.#app.close().catch(() => undefined);
    this.#options.onStop?.();
    const limit = new AbortController();
    const late = this.#clock.sleep(stopLimitMs, limit.signal).catch(() => undefined);
    await Promise.race([closing, late]);
    limit.abort();
    // Whatever still waits for a cluster that does not answer gives up with it.
    await this.#kafka.close();
  }

  /** What it does, for `GET /topology`. */
  get routes(): JobRoute[] {
    const { topology } = this.#options;
    const describe = () => ({
      id: topology.id,
      text: topology.describe(),
      topology: topology.describe({ json: true }),
    });
    return [{ method: 'GET', path: '/topology', handle: describe }];
  }

  info(): StreamsJobInfo {
    const info = this.#app.info();
    const sum = (read: (task: StreamsInfo['tasks'][number]) => number) =>
      info.tasks.reduce((total, task) => total + read(task), 0);
    return {
      site: this.#options.site,
      ...info,
      processed: sum(({ processed }) => processed),
      lagRecords: sum(({ lagRecords }) => lagRecords),
      trouble: this.trouble(),
      ...this.#options.details?.(),
    };
  }

  #newApp(): StreamsApp {
    return streams(this.#options.topology, {
      sessionTimeoutMs,
      instanceId: this.#instanceId,
      whenPartitionsGrow: 'go-on',
      ...this.#options.streams,
      ...{ kafka: this.#kafka, clock: this.#clock },
    });
  }

  /** Starts the app, again and again while the cluster is the only reason that it does not. */
  async #begin(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const starting = this.#app.start();
        // It may wait long for a cluster; `stop` ends what is left of it.
        await Promise.race([starting, aborted(signal)]);
        if (signal.aborted) {
          starting.catch(() => undefined);
          return;
        }
        if (this.#trouble !== null) this.#options.log.info({}, 'at work again');
        this.#trouble = null;
        return;
      } catch (error) {
        await this.#app.kill().catch(() => undefined);
        if (signal.aborted) return;
        if (!isPassing(error)) throw error;
        this.#note(error);
        this.#app = this.#newApp();
        await this.#clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#app.ended;
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!isPassing(error)) return this.#fail(error);
        this.#note(error);
        await this.#app.kill().catch(() => undefined);
        this.#app = this.#newApp();
        await this.#begin(signal).catch((fatal: unknown) => {
          this.#fail(fatal);
          this.#stopping.abort();
        });
      }
    }
  }

  #note(error: unknown): void {
    const { message } = error as Error;
    if (message !== this.#trouble)
      this.#options.log.warn({ error: message }, 'the job starts anew as soon as it can');
    this.#trouble = message;
  }
}

/** Whether the cluster or the registry is the reason, so that the same may succeed later. */
function isPassing(error: unknown): boolean {
  if (error instanceof DdsError && error.details?.partitionsGrew === true) return true;
  // Of two with one name the older one ends; beginning anew it would fence the newer one.
  if (isFenced(error)) return false;
  if (error instanceof DdsError)
    return error.entry.kind === 'environment' && !error.code.startsWith('DDS_STREAMS');
  return error instanceof Error && error.cause !== undefined && isPassing(error.cause);
}
