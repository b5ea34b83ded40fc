import type { PastEvent, PastEventKind } from './types.ts';

/** As many are kept; a crash and its restart are three. */
const keptEvents = 100;

/** The last things that happened, oldest first. */
export class EventHistory {
  readonly #events: PastEvent[] = [];
  #count = 0;

  get events(): readonly PastEvent[] {
    return this.#events;
  }

  add(time: Date, service: string, kind: PastEventKind, message: string): void {
    this.#events.push({ id: ++this.#count, time: time.toISOString(), service, kind, message });
    if (this.#events.length > keptEvents) this.#events.shift();
  }
}
