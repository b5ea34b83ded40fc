/**
 * The messages under way, at most `capacity` of them. Each has a slot that holds its two times; the slot's number
 * travels through the producer as the record's tag, so that no object is made for a message.
 */
export class InFlight {
  /** `clock.monotonic()` at which the message in a slot was due, and was handed to the producer. */
  readonly intendedMs: Float64Array;
  readonly sentMs: Float64Array;
  readonly #free: Uint32Array;
  #freeCount: number;

  constructor(capacity: number) {
    this.intendedMs = new Float64Array(capacity);
    this.sentMs = new Float64Array(capacity);
    this.#free = Uint32Array.from({ length: capacity }, (_, i) => i);
    this.#freeCount = capacity;
  }

  get hasRoom(): boolean {
    return this.#freeCount > 0;
  }

  get count(): number {
    return this.#free.length - this.#freeCount;
  }

  /** Takes a free slot; only while there is room. */
  take(intendedMs: number, sentMs: number): number {
    const slot = this.#free[--this.#freeCount]!;
    this.intendedMs[slot] = intendedMs;
    this.sentMs[slot] = sentMs;
    return slot;
  }

  release(slot: number): void {
    this.#free[this.#freeCount++] = slot;
  }
}
