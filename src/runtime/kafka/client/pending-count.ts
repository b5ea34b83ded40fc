/** How much has been appended and not yet been acknowledged or failed, and who waits for it to become less. */
export class PendingCount {
  records = 0;
  bytes = 0;
  #waiters: { records: number; resolve(): void }[] = [];

  add(records: number, bytes: number): void {
    this.records += records;
    this.bytes += bytes;
  }

  remove(records: number, bytes: number): void {
    this.records -= records;
    this.bytes -= bytes;
    if (this.#waiters.length === 0) return;
    const ready = this.#waiters.filter((waiter) => this.records < waiter.records);
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const { resolve } of ready) resolve();
  }

  /** Resolves when fewer than `records` are pending. */
  below(records: number): Promise<void> {
    if (this.records < records) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ records, resolve }));
  }
}
