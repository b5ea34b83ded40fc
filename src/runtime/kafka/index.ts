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
  Fetcher,
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
  const opened: (Producer | Fetcher)[] = [];
  const members: EagerMember[] = [];
  function producerOf(options: TransactionalProducerOptions): TransactionalProducer;
  function producerOf(options?: ProducerOptions): Producer;
  function producerOf(options?: ProducerOptions | TransactionalProducerOptions): Producer {
    const isTransactional = options !== undefined && 'transactionalId' in options;
    const producer = isTransactional
      ? new BatchTransactionalProducer(cluster, options)
      : new BatchProducer(cluster, options);
    opened.push(producer);
    return producer;
  }
  return {
    settings,
    async connect() {
      await refuseMissingSasl(cluster);
      await cluster.any();
    },
    admin: () => admin,
    producer: producerOf,
    fetcher(fetcherOptions?: FetcherOptions) {
      const fetcher = new PartitionFetcher(cluster, fetcherOptions);
      opened.push(fetcher);
      return fetcher;
    },
    group(groupOptions: GroupOptions) {
      const member = new EagerMember(cluster, groupOptions);
      members.push(member);
      return member;
    },
    async close() {
      for (const member of members) member.close();
      // Whoever has a producer flushes it; what is still open here is ended, not waited for.
      await Promise.all(opened.map((part) => part.close(AbortSignal.abort()).catch(() => undefined)));
      cluster.close();
    },
  };
}
