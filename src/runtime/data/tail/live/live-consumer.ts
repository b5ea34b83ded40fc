import type { Clock } from '../../../../shared/clock.ts';
import type { FetchedPartition } from '../../../kafka/port.ts';
import type { Patience } from '../../patience.ts';
import type { PartitionTail, RecordConsumer, TopicTail } from '../record-consumer.ts';
import type { ActiveFilter } from './active-filter.ts';
import type { RecordRing } from './record-ring.ts';
import type { LivePartition } from './topic-counts.ts';

/** What the consumers of all sites share. */
export interface LiveState {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly ring: RecordRing;
  readonly filter: ActiveFilter | null;
  take(topic: TopicTail, tail: PartitionTail): LivePartition;
  changed(): void;
}

/** Counts every record of a site, keeps its bytes, and decodes only what a filter wants to see. */
export class LiveConsumer implements RecordConsumer {
  readonly #state: LiveState;
  readonly registry: Patience;
  readonly #partitions = new Map<PartitionTail, LivePartition>();

  constructor(state: LiveState, registry: Patience) {
    this.#state = state;
    this.registry = registry;
  }

  get partitions(): LivePartition[] {
    return [...this.#partitions.values()];
  }

  get waiting(): boolean {
    return this.registry.waiting;
  }

  follow(topic: TopicTail, tail: PartitionTail): void {
    this.#partitions.set(tail, this.#state.take(topic, tail));
    this.#state.changed();
  }

  async consume(_topic: TopicTail, tail: PartitionTail, fetched: FetchedPartition): Promise<boolean> {
    const partition = this.#partitions.get(tail)!;
    this.#count(partition, fetched);
    this.#state.changed();
    const { filter, signal } = this.#state;
    if (filter) {
      fetched.records.rewind();
      await filter.take(partition, fetched.records, Number.POSITIVE_INFINITY, this.registry, signal);
    }
    return true;
  }

  flush(): undefined {
    return undefined;
  }

  #count(
    partition: LivePartition,
    { records, fetchOffset, nextOffset, highWatermark }: FetchedPartition,
  ): void {
    const { counts, tail, number, arrivals } = partition;
    const { clock, ring } = this.#state;
    const now = clock.monotonic();
    let [all, allBytes, fresh, freshBytes] = [0, 0, 0, 0];
    while (records.next()) {
      all++;
      allBytes += records.size;
      if (records.offset >= tail.newFrom) {
        fresh++;
        freshBytes += records.size;
      }
      ring.add(number, records);
    }
    counts.records += all;
    counts.bytes += allBytes;
    counts.recordsPerSecond.add(fresh, now);
    counts.bytesPerSecond.add(freshBytes, now);
    counts.backlog -= Math.max(
      0,
      Math.min(nextOffset, tail.newFrom) - Math.min(partition.nextOffset, tail.newFrom),
    );
    partition.nextOffset = nextOffset;
    const isPrompt = fetchOffset >= tail.newFrom && nextOffset >= highWatermark;
    arrivals.add(nextOffset, isPrompt ? now : Number.NaN);
  }
}
