import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { Kafka, Producer } from '../../kafka/index.ts';
import type { Letter } from './dead-letter.ts';
import type { Position, PositionStore } from './positions.ts';
import type { SourcePartition } from './source-partition.ts';

/** Where a copier puts records. */
export type Outlet = Pick<Producer, 'append'>;

/** How records and the positions of one source get to the target. */
export interface Delivery {
  /** Takes records until the next `turn`; another one after trouble. */
  readonly outlet: Outlet;
  /** How long the next poll of the source may last, ms. */
  readonly pollMs: number;
  /** Records appended and not yet at the target for good. */
  readonly pendingRecords: number;
  /** Monotonic time since when records wait for the target; null when none do. */
  readonly waitingSinceMs: number | null;
  /** Resolves when the target takes records, with the positions it has. Throws DDS_FENCED. */
  open(signal: AbortSignal): Promise<Map<string, Position>>;
  /** So many records were appended. */
  added(count: number): void;
  /** Writes a record that is passed over to a dead-letter topic that exists; the partition goes on behind it. */
  bury(partition: SourcePartition, letter: Letter): void;
  /** Between two polls: sees to the positions, and waits while too much is under way. Throws DDS_FENCED. */
  turn(signal: AbortSignal): Promise<void>;
  /** Finishes what is under way once `idle` resolves, but not after `limit`. */
  close(idle: Promise<unknown>, limit: AbortSignal): Promise<void>;
}

export interface DeliveryEvents {
  /** So many records of the partition more are at the target for good, or its position moved without any. */
  onDelivered(partition: SourcePartition, count: number): void;
  /** The target refused something: nothing more of the partition is to be appended. */
  onRefused(partition: SourcePartition): void;
  /** Nothing of the partition is under way; `failure` says what was refused. */
  onSettled(partition: SourcePartition): void;
  /** The partition goes on from `nextFetch`, unless something else keeps it. */
  onReady(partition: SourcePartition): void;
  /** The dead-letter topic does not take the record that was to be buried. */
  onUnburied(partition: SourcePartition, error: Error): void;
}

export interface DeliveryOptions {
  target: Kafka;
  store: PositionStore;
  clock: Clock;
  log: Logger;
  events: DeliveryEvents;
  /** All that is followed. */
  partitions(): Iterable<SourcePartition>;
  /** By the topic at the target. */
  targetPartition(topic: string, partition: number): SourcePartition | undefined;
}

/** What may be under way to the target for one source before fetching waits. */
const maxPendingRecords = 100_000;
const maxPendingBytes = 16 << 20;

export function isFull(producer: Producer): boolean {
  return producer.pendingRecords > maxPendingRecords || producer.pendingBytes > maxPendingBytes;
}
