/**
 * The port to Kafka: what the rest of dds may ask of a cluster. Records travel in batches of bytes; there is no
 * object and no promise per record. Offsets are plain numbers (exact to 2^53); times are ms since the epoch.
 */
import type { KafkaAccess } from '../../shared/access.ts';
import type { Admin } from './port/admin.ts';
import type { Fetcher, FetcherOptions } from './port/fetcher.ts';
import type { GroupMembership, GroupOptions } from './port/groups.ts';
import type {
  Producer,
  ProducerOptions,
  TransactionalProducer,
  TransactionalProducerOptions,
} from './port/producer.ts';

export type * from './port/admin.ts';
export type * from './port/fetcher.ts';
export type * from './port/groups.ts';
export type * from './port/producer.ts';
export type * from './port/records.ts';

export interface KafkaSettings extends KafkaAccess {
  /** `host:port` of at least one broker. */
  brokers: readonly string[];
  clientId: string;
  /** A broker that does not answer for this long is taken for unreachable. Default 5000. */
  connectTimeoutMs?: number;
  /** Default 30000. */
  requestTimeoutMs?: number;
}

/** A cluster. Connections are opened when first needed; `close()` ends all of them. */
export interface Kafka {
  readonly settings: KafkaSettings;
  /** Resolves when a broker answers; throws DDS_BROKER_UNREACHABLE, DDS_TLS, DDS_AUTHENTICATION, DDS_CREDENTIALS. */
  connect(): Promise<void>;
  admin(): Admin;
  producer(options: TransactionalProducerOptions): TransactionalProducer;
  producer(options?: ProducerOptions): Producer;
  fetcher(options?: FetcherOptions): Fetcher;
  group(options: GroupOptions): GroupMembership;
  close(): Promise<void>;
}
