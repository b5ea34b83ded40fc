import type { RecordCursor } from '../../../kafka/record-cursor.ts';
import { StoredRecord } from '../../../protocol/index.ts';

/** Bytes of records for each slot of the index: records smaller than that are bounded by the slots instead. */
const bytesPerSlot = 64;
/** What a slot takes in the index arrays below. */
const slotBytes = 34;

/**
 * The last records of all partitions, ordered by time, in a fixed amount of memory: their bytes go round in one buffer, and
 * what is known of them in typed arrays, so that a record costs no object. A record is named by its sequence number, in
 * order of arrival; the oldest arrivals make room for the newest.
 */
export class RecordRing {
  readonly #bytes: Buffer;
  readonly #slots: number;
  readonly #at: Uint32Array;
  readonly #size: Uint32Array;
  readonly #time: Float64Array;
  readonly #offset: Float64Array;
  readonly #partition: Uint16Array;
  /** Sequence numbers by time; those below `#first` are gone and are taken out by settle(). */
  #order: Float64Array;
  #spare: Float64Array;
  #ordered = 0;
  #first = 0;
  /** `#first` when the order was last cleared of what is gone. */
  #droppedTo = 0;
  #next = 0;
  /** Sequence numbers from here on are not in the order yet. */
  #settled = 0;
  #head = 0;
  /** Set while somebody looks at what is here: what would push it out is not kept. */
  isHeld = false;
  /** Records that were not kept while it was held, or that were larger than all that can be kept. */
  missed = 0;

  /** @param memoryBytes all that it will ever take */
  constructor(memoryBytes: number) {
    this.#slots = Math.floor(memoryBytes / (bytesPerSlot + slotBytes + 8));
    this.#bytes = Buffer.allocUnsafeSlow(this.#slots * bytesPerSlot);
    this.#at = new Uint32Array(this.#slots);
    this.#size = new Uint32Array(this.#slots);
    this.#time = new Float64Array(this.#slots);
    this.#offset = new Float64Array(this.#slots);
    this.#partition = new Uint16Array(this.#slots);
    this.#order = new Float64Array(this.#slots);
    this.#spare = new Float64Array(this.#slots);
  }

  /** Records in the order. */
  get length(): number {
    return this.#ordered;
  }

  /** Keeps the record that the cursor is at. The sequence number, or -1 when it was not kept. */
  add(partition: number, record: RecordCursor): number {
    const { size } = record;
    if (size > this.#bytes.length / 4 || !this.#makeRoom(size)) {
      this.missed++;
      return -1;
    }
    const sequence = this.#next++;
    const slot = sequence % this.#slots;
    record.copyTo(this.#bytes, this.#head);
    this.#at[slot] = this.#head;
    this.#size[slot] = size;
    this.#time[slot] = record.timestamp;
    this.#offset[slot] = record.offset;
    this.#partition[slot] = partition;
    this.#head += size;
    return sequence;
  }

  /** Puts what came since the last call into the order, and takes out what is gone. The new ones, by time. */
  settle(): Float64Array {
    const from = Math.max(this.#settled, this.#first);
    const fresh = new Float64Array(this.#next - from);
    for (let i = 0; i < fresh.length; i++) fresh[i] = from + i;
    if (!this.#isSorted(fresh)) fresh.sort((a, b) => this.#compare(a, b));
    this.#dropGone();
    // Merged from the back: nearly all that is new is younger than what is here.
    let [old, young, to] = [this.#ordered - 1, fresh.length - 1, this.#ordered + fresh.length - 1];
    const order = this.#order;
    while (young >= 0) {
      if (old >= 0 && this.#compare(order[old]!, fresh[young]!) > 0) order[to--] = order[old--]!;
      else order[to--] = fresh[young--]!;
    }
    this.#ordered += fresh.length;
    this.#settled = this.#next;
    return fresh;
  }

  /** The sequence number at a place in the order. */
  sequenceAt(index: number): number {
    return this.#order[index]!;
  }

  /** Where a record is in the order; the place of the next younger one when it is gone. */
  indexOf(sequence: number, time: number): number {
    let [low, high] = [0, this.#ordered];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = this.#order[middle]!;
      const thereTime = this.#time[there % this.#slots]!;
      if (thereTime < time || (thereTime === time && there < sequence)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  has(sequence: number): boolean {
    return sequence >= this.#first && sequence < this.#next;
  }
  partitionOf(sequence: number): number {
    return this.#partition[sequence % this.#slots]!;
  }
  timeOf(sequence: number): number {
    return this.#time[sequence % this.#slots]!;
  }
  offsetOf(sequence: number): number {
    return this.#offset[sequence % this.#slots]!;
  }

  /** The record itself, in bytes of its own; null when it is gone. */
  read(sequence: number): StoredRecord | null {
    if (!this.has(sequence)) return null;
    const slot = sequence % this.#slots;
    const at = this.#at[slot]!;
    const copy = Buffer.from(this.#bytes.subarray(at, at + this.#size[slot]!));
    return new StoredRecord(copy, this.#offset[slot]!, this.#time[slot]!);
  }

  clear(): void {
    this.#first = this.#next;
    this.#settled = this.#next;
    this.#ordered = 0;
    this.#head = 0;
    this.missed = 0;
  }

  /** Lets the oldest go until the next `size` bytes are free. False when it is held and they are not. */
  #makeRoom(size: number): boolean {
    const wraps = this.#head + size > this.#bytes.length;
    const start = wraps ? 0 : this.#head;
    let first = this.#first;
    while (first < this.#next) {
      const at = this.#at[first % this.#slots]!;
      // Going round jumps over the end of the buffer, and whatever lies there.
      const isInWay = (wraps && at >= this.#head) || (at >= start && at < start + size);
      if (!isInWay && this.#next - first < this.#slots) break;
      first++;
    }
    if (this.isHeld && first > this.#first) return false;
    this.#first = first;
    this.#head = start;
    return true;
  }

  #dropGone(): void {
    if (this.#droppedTo === this.#first) return;
    this.#droppedTo = this.#first;
    let kept = 0;
    const [order, spare] = [this.#order, this.#spare];
    for (let i = 0; i < this.#ordered; i++) if (order[i]! >= this.#first) spare[kept++] = order[i]!;
    if (kept === this.#ordered) return;
    this.#order = spare;
    this.#spare = order;
    this.#ordered = kept;
  }

  #isSorted(sequences: Float64Array): boolean {
    for (let i = 1; i < sequences.length; i++) {
      if (this.timeOf(sequences[i]!) < this.timeOf(sequences[i - 1]!)) return false;
    }
    return true;
  }

  #compare(a: number, b: number): number {
    return this.timeOf(a) - this.timeOf(b) || a - b;
  }
}
