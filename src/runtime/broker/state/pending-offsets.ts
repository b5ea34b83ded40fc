import type { StoredOffset } from './group-store.ts';

/** Offsets in transactions that are open (KIP-98, KIP-447): they count once the transaction is committed. */
export class PendingOffsets {
  readonly #byProducer = new Map<number, { group: string; offset: StoredOffset }[]>();

  add(producerId: number, group: string, offset: StoredOffset): void {
    const pending = this.#byProducer.get(producerId);
    if (pending) pending.push({ group, offset });
    else this.#byProducer.set(producerId, [{ group, offset }]);
  }

  /** All of the producer, which are pending no more. */
  take(producerId: number): { group: string; offset: StoredOffset }[] {
    const pending = this.#byProducer.get(producerId) ?? [];
    this.#byProducer.delete(producerId);
    return pending;
  }

  has(group: string, topic: string, partition: number): boolean {
    return this.#some(
      (pending) =>
        pending.group === group && pending.offset.partition === partition && pending.offset.topic === topic,
    );
  }

  hasGroup(group: string): boolean {
    return this.#some((pending) => pending.group === group);
  }

  #some(matches: (pending: { group: string; offset: StoredOffset }) => boolean): boolean {
    for (const pending of this.#byProducer.values()) if (pending.some(matches)) return true;
    return false;
  }
}
