import type { Registry } from 'prom-client';
import type { Logger } from '../../../shared/logger.ts';
import type {
  TopicConsumer,
  TopicConsumerOptions,
  TopicProducer,
  TopicProducerOptions,
} from '../../clients/index.ts';
import type { Kafka } from '../../kafka/index.ts';
import type { AvroSerdes, Topic } from '../../streams/index.ts';
import type { ServiceSettings } from './settings.ts';

/** What a service has to work with. What is opened through it is closed by it, and shows in `/healthz` and `/metrics`. */
export interface ServiceContext {
  readonly name: string;
  /** Name of the site it runs at. */
  readonly site: string;
  readonly settings: ServiceSettings;
  readonly kafka: Kafka;
  /** Serdes for Avro with the site's Schema Registry. */
  readonly avro: AvroSerdes;
  /** Aborted when the service is to stop: finish what is at hand and return. */
  readonly signal: AbortSignal;
  /** JSON lines on stdout. */
  readonly log: Logger;
  /** prom-client's registry, for metrics of one's own. */
  readonly metrics: Registry;
  openProducer<K, V>(topic: Topic<K, V>, options?: TopicProducerOptions): Promise<TopicProducer<K, V>>;
  openConsumer<K, V>(options: TopicConsumerOptions<K, V>): Promise<TopicConsumer<K, V>>;
  /** Adds to `/healthz` what `trouble` tells: one line, or null while all is well. */
  watch(trouble: () => string | null): void;
}

export type ServiceBody = (service: ServiceContext) => Promise<void>;
