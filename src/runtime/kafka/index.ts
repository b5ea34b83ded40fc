import { type Clock, systemClock } from '../../shared/clock.ts';
import { type Logger, silentLogger } from '../../shared/logger.ts';
import { createAdmin } from './admin.ts';
import { Cluster } from './client/cluster.ts';
import { PartitionFetcher } from './client/fetcher.ts';
import { EagerMember } from './client/group-member.ts';
import { BatchProducer } from './client/producer.ts';
import { refuseMissingSasl } from './client/sasl/wanted.ts';
import { BatchTransactionalProducer } from './client/transactional-producer.ts';
import type {
  FetcherOptions,
  GroupOptions,
  Kafka,
  KafkaSettings,
  Producer,
  ProducerOptions,
  TransactionalProducer,
  TransactionalProducerOptions,
} from './port.ts';

export { isAbortable, isFenced, isPartitionsLost, isUnreachable } from './client/errors.ts';
export { murmur2, partitionFor } from './partitioner.ts';
export type * from './port.ts';
export type { RecordCursor } from './record-cursor.ts';

export interface KafkaOptions {
  clock?: Clock;
  log?: Logger;
}

/** Opens the port to a cluster. Nothing is connected before it is needed. */
export function createKafka(settings: KafkaSettings, options: KafkaOptions = {}): Kafka {
  const cluster = new Cluster(settings, {
    clock: options.clock ?? systemClock,
    log: options.log ?? silentLogger,
  });
  const admin = createAdmin(cluster);
  function producerOf(options: TransactionalProducerOptions): TransactionalProducer;
  function producerOf(options?: ProducerOptions): Producer;
  function producerOf(options?: ProducerOptions | TransactionalProducerOptions): Producer {
    const isTransactional = options !== undefined && 'transactionalId' in options;
    return isTransactional
      ? new BatchTransactionalProducer(cluster, options)
      : new BatchProducer(cluster, options);
  }
  return {
    settings,
    async connect() {
      await refuseMissingSasl(cluster);
      await cluster.any();
    },
    admin: () => admin,
    producer: producerOf,
    fetcher: (fetcherOptions?: FetcherOptions) => new PartitionFetcher(cluster, fetcherOptions),
    group: (groupOptions: GroupOptions) => new EagerMember(cluster, groupOptions),
    close: () => cluster.close(),
  };
}
