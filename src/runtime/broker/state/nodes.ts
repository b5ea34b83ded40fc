/** The nodes that clients see: ids of one process, each of which serves or is stopped. */
export class Nodes {
  /** In ascending order. */
  readonly ids: readonly number[];
  readonly #stopped = new Set<number>();

  constructor(ids: Iterable<number>) {
    this.ids = [...new Set(ids)].sort((a, b) => a - b);
  }

  get up(): number[] {
    return this.ids.filter((id) => this.isUp(id));
  }

  readonly isUp = (id: number): boolean => this.ids.includes(id) && !this.#stopped.has(id);

  /** Where administration goes; -1 when no node serves. */
  get controller(): number {
    return this.up[0] ?? -1;
  }

  mark(id: number, isUp: boolean): void {
    if (isUp) this.#stopped.delete(id);
    else this.#stopped.add(id);
  }

  /** Which node takes care of a group or transactional id: the one by its hash, or the next that serves; -1 for none. */
  coordinatorOf(key: string): number {
    const { ids } = this;
    if (ids.length === 1) return this.controller;
    const first = hashOf(key) % ids.length;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[(first + i) % ids.length]!;
      if (this.isUp(id)) return id;
    }
    return -1;
  }

  /**
   * Replicas of new partitions, the preferred leader first: nodes that serve go before others, and from partition to
   * partition the turn goes round, beginning with number `first`.
   */
  place(partitions: number, factor: number, first: number): number[][] {
    const { up } = this;
    const stopped = this.ids.filter((id) => !this.isUp(id));
    return Array.from({ length: partitions }, (_, partition) => {
      const turn = up.map((_, i) => up[(first + partition + i) % up.length]!);
      return [...turn, ...stopped].slice(0, factor);
    });
  }
}

/** Utils.abs(String.hashCode()), as Kafka chooses the partition of `__consumer_offsets`. */
function hashOf(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(31, hash) + key.charCodeAt(i)) | 0;
  return hash & 0x7fffffff;
}
