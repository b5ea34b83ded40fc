import { DdsError } from '../../errors/index.ts';
import { kafkaAt, registryAt, type SiteCluster } from '../../shared/access.ts';
import type { Clock } from '../../shared/clock.ts';
import { type BatchReport, createKafka, type Kafka, type Producer } from '../kafka/index.ts';
import { partitionFor } from '../kafka/partitioner.ts';
import { createRegistryClient } from '../serde/registry-client.ts';
import type { SiteSchema } from './readings.ts';

/** Where the messages of a site's sensors go. */
export interface SimulationSite extends SiteCluster {
  site: string;
}

export interface SiteSenderOptions {
  topic: string;
  /** Schema of the values as JSON, registered when it isn't; null for the one that the topic has. */
  schemaText: string | null;
  clock: Clock;
  deliveryTimeoutMs: number;
  onBatch(report: BatchReport): void;
}

/** One producer at one site. */
export class SiteSender {
  readonly site: string;
  schema: SiteSchema = { id: 0, text: '', references: [] };
  sent = 0;
  acked = 0;
  failed = 0;
  readonly producer: Producer;
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #schemaText: string | null;
  readonly #at: SimulationSite;
  #partitions = 0;

  constructor(at: SimulationSite, options: SiteSenderOptions) {
    const { topic, schemaText, clock, deliveryTimeoutMs, onBatch } = options;
    this.site = at.site;
    this.#at = at;
    this.#topic = topic;
    this.#schemaText = schemaText;
    this.#kafka = createKafka(kafkaAt(at, 'dds-simulate'), { clock });
    this.producer = this.#kafka.producer({
      deliveryTimeoutMs,
      onBatch: (report) => {
        if (report.error) this.failed += report.count;
        else this.acked += report.count;
        onBatch(report);
      },
    });
  }

  /**
   * Throws DDS_BROKER_UNREACHABLE, DDS_UNKNOWN_TOPIC, DDS_REGISTRY_UNREACHABLE, DDS_REGISTRY, or DDS_UNKNOWN_SUBJECT
   * when the topic has no schema and none was given.
   */
  async open(): Promise<void> {
    await this.#kafka.connect();
    await this.producer.start();
    this.#partitions = await this.#partitionCount();
    this.schema = await this.#siteSchema();
  }

  async #partitionCount(): Promise<number> {
    try {
      return await this.producer.partitionCount(this.#topic);
    } catch (error) {
      if (!(error instanceof DdsError) || error.code !== 'DDS_UNKNOWN_TOPIC') throw error;
      throw new DdsError('DDS_UNKNOWN_TOPIC', `${this.site} has no topic ${this.#topic}`, {
        hint: `Run dds topics create ${this.#topic} --site ${this.site} first.`,
        details: { site: this.site, topic: this.#topic },
        cause: error,
      });
    }
  }

  async #siteSchema(): Promise<SiteSchema> {
    const registry = createRegistryClient(registryAt(this.#at));
    const subject = `${this.#topic}-value`;
    if (this.#schemaText !== null) {
      return {
        id: await registry.register(subject, this.#schemaText),
        text: this.#schemaText,
        references: [],
      };
    }
    return await topicSchema(this.#at, this.#topic);
  }

  partitionOf(key: Uint8Array): number {
    return partitionFor(key, this.#partitions);
  }

  async close(signal: AbortSignal): Promise<void> {
    await this.producer.close(signal).catch(() => undefined);
    await this.#kafka.close().catch(() => undefined);
  }
}

/** The schema that a topic's values have at a site. Throws DDS_UNKNOWN_SUBJECT when there is none. */
export async function topicSchema(at: Omit<SimulationSite, 'brokers'>, topic: string): Promise<SiteSchema> {
  const { site } = at;
  const registry = createRegistryClient(registryAt(at));
  const subject = `${topic}-value`;
  const latest = await registry.latest(subject);
  if (latest?.schemaType !== 'AVRO') {
    const found = latest ? `a schema of type ${latest.schemaType}, not Avro` : 'no schema';
    throw new DdsError('DDS_UNKNOWN_SUBJECT', `${site} has ${found} for the topic ${topic}`, {
      hint: 'Give the schema of the values with --schema FILE.avsc.',
      details: { site: site, subject },
    });
  }
  const { id, schema, references } = latest;
  return { id, text: schema, references: await registry.referencedTexts(references) };
}
