import type { WindowRow, WindowStore } from '../stores/window-store.ts';

/** Results of windows that are still open, handed over once each when they close. */
export class FinalResults {
  /** By end, then by key and start. */
  readonly #pending = new Map<number, Map<string, WindowRow>>();
  readonly #delayMs: number;
  readonly #closing: 'inclusive' | 'strict';
  readonly #store: WindowStore;
  #isLoaded = false;

  /** A window closes when stream time reaches (`inclusive`) or passes (`strict`) its end and the delay. */
  constructor(store: WindowStore, delayMs: number, closing: 'inclusive' | 'strict') {
    this.#store = store;
    this.#delayMs = delayMs;
    this.#closing = closing;
  }

  /** A value of null takes the window back. */
  update(row: WindowRow): void {
    this.#load();
    let ending = this.#pending.get(row.end);
    if (!ending) {
      ending = new Map();
      this.#pending.set(row.end, ending);
    }
    const id = `${row.start}/${typeof row.key === 'object' ? JSON.stringify(row.key) : String(row.key)}`;
    if (row.value === null) ending.delete(id);
    else ending.set(id, row);
  }

  /** What closes by now, ordered by end, start and key. */
  closedAt(streamTime: number): WindowRow[] {
    const limit = streamTime - this.#delayMs;
    const isClosed = (end: number) => (this.#closing === 'inclusive' ? end <= limit : end < limit);
    const ends = [...this.#pending.keys()].filter(isClosed).sort((a, b) => a - b);
    return ends.flatMap((end) => {
      const rows = [...this.#pending.get(end)!].sort(
        ([a, one], [b, other]) => one.start - other.start || (a < b ? -1 : 1),
      );
      this.#pending.delete(end);
      return rows.map(([, row]) => row);
    });
  }

  /** After a restart, what the store still has was not handed over, or its window would be gone. */
  #load(): void {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    for (const row of this.#store.entries()) this.update(row);
  }
}
