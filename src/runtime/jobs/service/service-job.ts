import { setTimeout as delay } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { DdsError } from '../../../errors/index.ts';
import { kafkaAt, registryAt } from '../../../shared/access.ts';
import type { Logger } from '../../../shared/logger.ts';
import { openConsumer, openProducer } from '../../clients/index.ts';
import { createKafka } from '../../kafka/index.ts';
import { type AvroSerdes, avroSerdes } from '../../streams/index.ts';
import type { Job } from '../host/index.ts';
import { ClientMetrics } from './client-metrics.ts';
import type { ServiceBody, ServiceContext } from './service-context.ts';
import type { ServiceSettings } from './settings.ts';

const firstPauseMs = 500;
const maxPauseMs = 10_000;
/** What is begun when the signal to stop comes has so long to be finished. */
const stopLimitMs = 5000;
const watchEveryMs = 1000;
const goodbyeMs = 1000;

interface Client {
  readonly trouble: string | null;
  close(): Promise<void>;
}

/** Runs the body of a service as a job: again and again while a cluster that is away is all that ends it. */
export class ServiceJob implements Job {
  readonly name: string;
  readonly ended: Promise<void>;
  readonly #body: ServiceBody;
  readonly #settings: ServiceSettings;
  readonly #log: Logger;
  readonly #register: Registry;
  readonly #metrics: ClientMetrics;
  readonly #avro: AvroSerdes;
  readonly #stopping = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  readonly #started = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();
  /** Ends the connections of the body that runs. */
  #cut: () => Promise<void> = async () => undefined;
  #watched: (() => string | null)[] = [];
  /** Why the body is not running at the moment. */
  #away: string | null = null;
  /** What kept it from finishing its work when it was told to stop. */
  unfinished: Error | null = null;

  constructor(name: string, body: ServiceBody, settings: ServiceSettings, log: Logger, register: Registry) {
    this.name = name;
    this.#body = body;
    this.#settings = settings;
    this.#log = log;
    this.#register = register;
    this.#metrics = new ClientMetrics(register);
    this.#avro = avroSerdes(registryAt({ ...settings, registryUrl: settings.registry }));
    this.ended = this.#ended.promise;
    this.ended.catch(() => undefined);
  }

  trouble(): string | null {
    if (this.#away !== null) return this.#away;
    for (const watched of this.#watched) {
      const trouble = watched();
      if (trouble !== null) return trouble;
    }
    return null;
  }

  info(): { site: string; trouble: string | null } {
    return { site: this.#settings.site, trouble: this.trouble() };
  }

  /** Resolves when the body has opened its first client, or has ended. */
  async start(signal: AbortSignal): Promise<void> {
    const stopping = this.#stopping.signal;
    signal.addEventListener('abort', () => this.#stopping.abort(), { once: true });
    stopping.addEventListener('abort', () => this.#started.resolve(), { once: true });
    this.#running = this.#run(stopping);
    this.#running.then(this.#ended.resolve, (error: Error) => {
      if (stopping.aborted) this.unfinished = error;
      this.#ended.reject(error);
    });
    void this.#tellTrouble(stopping);
    await Promise.race([this.#started.promise, this.ended]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const ended = this.#running.catch(() => undefined);
    if (await isWithin(stopLimitMs, ended)) return;
    await this.#cut();
    // What waited for the cluster fails now, and says more than this does.
    if (await isWithin(goodbyeMs, ended)) return;
    this.unfinished = new DdsError('DDS_FAILED', `${this.name} did not end within ${stopLimitMs / 1000} s`, {
      hint: 'Its function has to return, or to fail with an AbortError, when the signal aborts.',
    });
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, maxPauseMs)) {
      try {
        await this.#runOnce(signal);
        return;
      } catch (error) {
        if (signal.aborted || !isAway(error)) throw error;
        if (this.#watched.length > 0) pauseMs = firstPauseMs;
        const { message } = error as Error;
        if (message !== this.#away) this.#log.warn({ error: message }, 'trying again until it works');
        this.#away = message;
        await delay(pauseMs, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
      }
    }
  }

  async #runOnce(signal: AbortSignal): Promise<void> {
    const { site } = this.#settings;
    const kafka = createKafka(kafkaAt(this.#settings, `${this.name}-${site}`), { log: this.#log });
    const opened: (() => Promise<void>)[] = [];
    this.#watched = [];
    this.#cut = () => kafka.close();
    const watch = (trouble: () => string | null) => {
      if (this.#away !== null) this.#log.info({}, 'at work again');
      this.#away = null;
      this.#watched.push(trouble);
      this.#started.resolve();
    };
    const keep = <T extends Client>(client: T): T => {
      opened.push(() => client.close());
      watch(() => client.trouble);
      return client;
    };
    const context: ServiceContext = {
      ...{ name: this.name, site, settings: this.#settings },
      ...{ kafka, signal, watch, log: this.#log, metrics: this.#register, avro: this.#avro },
      openProducer: async (topic, options) =>
        keep(
          this.#metrics.followProducer(
            await openProducer(kafka, topic, this.#metrics.ofProducer(topic, options)),
          ),
        ),
      openConsumer: async (options) =>
        keep(
          this.#metrics.followConsumer(
            options.topic,
            await openConsumer(kafka, this.#metrics.ofConsumer(options)),
          ),
        ),
    };
    try {
      await this.#body(context).catch((error: unknown) => {
        // It waited for something by the signal.
        if (!(signal.aborted && isAbort(error))) throw error;
      });
      for (const close of opened.reverse()) await close();
    } catch (error) {
      // A group should learn of it; nothing is waited for long.
      const closed = Promise.allSettled(opened.map((close) => close()));
      await Promise.race([closed, delay(goodbyeMs)]);
      throw error;
    } finally {
      await kafka.close();
    }
  }

  /** One line when trouble begins that lasts, and one when it is over. */
  async #tellTrouble(signal: AbortSignal): Promise<void> {
    let [before, told] = [false, false];
    while (!signal.aborted) {
      const trouble = this.#away === null ? this.trouble() : null;
      if (trouble !== null && before && !told)
        this.#log.warn({ trouble }, 'in trouble; going on as soon as it can');
      if (trouble === null && told) this.#log.info({}, 'out of trouble');
      told = trouble !== null && (told || before);
      before = trouble !== null;
      await delay(watchEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

async function isWithin(limitMs: number, work: Promise<void>): Promise<boolean> {
  const over = new AbortController();
  const late = delay(limitMs, false, { signal: over.signal }).catch(() => false);
  const isDone = await Promise.race([work.then(() => true), late]);
  over.abort();
  return isDone;
}

/** Whether a cluster or a registry that is away is the reason, so that the same may succeed later. */
function isAway(error: unknown): boolean {
  if (error instanceof DdsError) return error.entry.kind === 'environment' && error.entry.retriable;
  return error instanceof Error && error.cause !== undefined && isAway(error.cause);
}

const isAbort = (error: unknown) => error instanceof Error && error.name === 'AbortError';
