/** Ids given out under KIP-394 whose second join has not come yet. */
export class PendingMembers {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  get isEmpty(): boolean {
    return this.#timers.size === 0;
  }

  has(id: string): boolean {
    return this.#timers.has(id);
  }

  /** `onExpired`: the join did not come in time. */
  add(id: string, timeoutMs: number, onExpired: () => void): void {
    const expire = () => {
      this.#timers.delete(id);
      onExpired();
    };
    this.#timers.set(id, setTimeout(expire, timeoutMs).unref());
  }

  /** True when the id was one of them; it is none any more. */
  take(id: string): boolean {
    clearTimeout(this.#timers.get(id));
    return this.#timers.delete(id);
  }

  clear(): void {
    for (const id of [...this.#timers.keys()]) this.take(id);
  }
}
