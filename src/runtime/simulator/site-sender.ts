import type { Clock } from '../../shared/clock.ts';
import { type BatchReport, createKafka, type Kafka, type Producer } from '../kafka/index.ts';
import { partitionFor } from '../kafka/partitioner.ts';
import { createRegistryClient } from '../serde/registry-client.ts';
import { thesisSchema } from '../serde/thesis-schemas.ts';

/** Where the messages of a site's sensors go. */
export interface SimulationSite {
  site: string;
  brokers: readonly string[];
  registryUrl: string;
}

export interface SiteSenderOptions {
  topic: string;
  clock: Clock;
  deliveryTimeoutMs: number;
  onBatch(report: BatchReport): void;
}

/** One producer at one site. */
export class SiteSender {
  readonly site: string;
  /** Id of the TemperatureData schema in the site's registry. */
  schemaId = 0;
  sent = 0;
  acked = 0;
  failed = 0;
  readonly producer: Producer;
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #registryUrl: string;
  #partitions = 0;

  constructor({ site, brokers, registryUrl }: SimulationSite, options: SiteSenderOptions) {
    const { topic, clock, deliveryTimeoutMs, onBatch } = options;
    this.site = site;
    this.#topic = topic;
    this.#registryUrl = registryUrl;
    this.#kafka = createKafka({ brokers, clientId: 'dds-simulate' }, { clock });
    this.producer = this.#kafka.producer({
      deliveryTimeoutMs,
      onBatch: (report) => {
        if (report.error) this.failed += report.count;
        else this.acked += report.count;
        onBatch(report);
      },
    });
  }

  /** Throws DDS_BROKER_UNREACHABLE, DDS_UNKNOWN_TOPIC, DDS_REGISTRY_UNREACHABLE or DDS_REGISTRY. */
  async open(): Promise<void> {
    const registry = createRegistryClient(this.#registryUrl);
    await this.#kafka.connect();
    await this.producer.start();
    this.#partitions = await this.producer.partitionCount(this.#topic);
    this.schemaId = await registry.register(`${this.#topic}-value`, thesisSchema('TemperatureData'));
  }

  partitionOf(key: Uint8Array): number {
    return partitionFor(key, this.#partitions);
  }

  async close(signal: AbortSignal): Promise<void> {
    await this.producer.close(signal).catch(() => undefined);
    await this.#kafka.close().catch(() => undefined);
  }
}
