import type { TopicPartitionRef } from './group-offsets.ts';
import type { StoredOffset } from './group-store.ts';

interface Pending {
  readonly group: string;
  readonly offset: StoredOffset;
}

/** Unambiguous: names of topics have no slash. */
const placeOf = (group: string, { topic, partition }: TopicPartitionRef) => `${partition}/${topic}/${group}`;

/** Offsets in transactions that are open (KIP-98, KIP-447): they count once the transaction is committed. */
export class PendingOffsets {
  /** The latest of each place, by producer. */
  readonly #byProducer = new Map<number, Map<string, Pending>>();

  add(producerId: number, group: string, offset: StoredOffset): void {
    const pending = this.#byProducer.get(producerId) ?? new Map<string, Pending>();
    this.#byProducer.set(producerId, pending.set(placeOf(group, offset), { group, offset }));
  }

  /** All of the producer, which are pending no more. */
  take(producerId: number): Pending[] {
    const pending = this.#byProducer.get(producerId);
    this.#byProducer.delete(producerId);
    return pending ? [...pending.values()] : [];
  }

  /** What is deleted does not come back with the end of a transaction. */
  drop(group: string, ref: TopicPartitionRef): void {
    const place = placeOf(group, ref);
    for (const pending of this.#byProducer.values()) pending.delete(place);
  }

  has(group: string, ref: TopicPartitionRef): boolean {
    const place = placeOf(group, ref);
    for (const pending of this.#byProducer.values()) if (pending.has(place)) return true;
    return false;
  }

  all(): Pending[] {
    return [...this.#byProducer.values()].flatMap((pending) => [...pending.values()]);
  }
}
