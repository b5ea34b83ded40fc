import { type Clock, systemClock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Service } from '../../shared/service.ts';
import type { Kafka, KafkaSettings } from '../kafka/port.ts';
import { ApiServer } from './http-server.ts';
import { createKafkaSchemaLog } from './kafka-schema-log.ts';
import { createRoutes } from './routes.ts';
import type { SchemaLog } from './schema-log.ts';
import { SchemaRegistry } from './schema-registry.ts';

export type { LogRecord, SchemaLog } from './schema-log.ts';

export interface RegistryOptions {
  /** The cluster whose topic `_schemas` holds the state; or a log of another kind. */
  kafka: KafkaSettings | SchemaLog;
  host: string;
  /** 0: a free one. */
  port: number;
  log: Logger;
  clock?: Clock;
}

export interface RegistryInfo {
  url: string;
  subjects: number;
  schemas: number;
  requests: number;
}

export interface Registry extends Service<RegistryInfo> {
  /** Known after `start`. */
  readonly port: number;
  readonly url: string;
}

/**
 * A Schema Registry with Confluent's REST API. Ready when the state is read from its log; it then answers reads also
 * while the broker is away. `start` throws DDS_PORT_TAKEN, DDS_BROKER_UNREACHABLE, DDS_KAFKA.
 */
export function createRegistry(options: RegistryOptions): Registry {
  return new EmbeddedRegistry(options);
}

class EmbeddedRegistry implements Registry {
  readonly name = 'registry';
  readonly #options: RegistryOptions;
  #kafka: Kafka | null = null;
  #log: SchemaLog | null = null;
  #registry: SchemaRegistry | null = null;
  #server: ApiServer | null = null;
  #port: number;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://${this.#options.host}:${this.#port}`;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { kafka, host, port, log } = this.#options;
    const clock = this.#options.clock ?? systemClock;
    const begun = clock.monotonic();
    this.#log = 'load' in kafka ? kafka : await this.#openLog(kafka);
    this.#registry = new SchemaRegistry(this.#log, log);
    this.#server = new ApiServer(createRoutes(this.#registry), log);
    await this.#registry.load(signal);
    signal.throwIfAborted();
    this.#port = await this.#server.listen(host, port);
    log.info(
      { url: this.url, ...this.#counts(), ms: Math.round(clock.monotonic() - begun) },
      'registry is ready',
    );
  }

  async stop(): Promise<void> {
    const [server, log, kafka] = [this.#server, this.#log, this.#kafka];
    this.#server = this.#log = this.#kafka = null;
    await server?.close();
    await log?.close();
    await kafka?.close();
  }

  info(): RegistryInfo {
    return { url: this.url, ...this.#counts(), requests: this.#server?.requests ?? 0 };
  }

  async #openLog(settings: KafkaSettings): Promise<SchemaLog> {
    const { createKafka } = await import('../kafka/index.ts');
    const { clock, log } = this.#options;
    this.#kafka = createKafka(settings, { log, ...(clock && { clock }) });
    return createKafkaSchemaLog(this.#kafka);
  }

  #counts(): { subjects: number; schemas: number } {
    const store = this.#registry?.store;
    return { subjects: store?.subjects('live').length ?? 0, schemas: store?.highestId ?? 0 };
  }
}
