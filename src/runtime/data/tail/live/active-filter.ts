import type { Clock } from '../../../../shared/clock.ts';
import type { RecordCursor } from '../../../kafka/record-cursor.ts';
import type { Patience } from '../../patience.ts';
import type { RecordFilter } from '../filter.ts';
import { readPatiently } from '../read-patiently.ts';
import type { RecordRing } from './record-ring.ts';
import type { LivePartition } from './topic-counts.ts';

/** Decoding goes on for so long before keys get their turn. */
const sliceMs = 8;
/** How often the time is looked at, in records. */
const lookEvery = 128;

/** A filter at work: every record of the tail passes through it, those that came before it as well. */
export class ActiveFilter {
  /** What the user typed or gave as flags. */
  readonly text: string;
  readonly ring: RecordRing;
  /** Records looked at. */
  scanned = 0;
  matched = 0;
  /** Records from before the filter that are still to be read again; 0 when it has caught up. */
  backlog = 0;
  /** What went wrong with reading them again. */
  trouble: string | null = null;
  readonly #filter: RecordFilter;
  readonly #clock: Clock;
  readonly #over = new AbortController();

  constructor(text: string, filter: RecordFilter, ring: RecordRing, clock: Clock) {
    this.text = text;
    this.ring = ring;
    this.#filter = filter;
    this.#clock = clock;
  }

  /** Aborted when another filter takes over. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  end(): void {
    this.#over.abort();
  }

  /** Looks at the records before `end`. A registry that does not answer is waited for. */
  async take(
    { number, tail, reader }: LivePartition,
    records: RecordCursor,
    end: number,
    registry: Patience,
    signal: AbortSignal,
  ): Promise<void> {
    const ended = AbortSignal.any([signal, this.over]);
    let sliceFrom = this.#clock.monotonic();
    while (records.next() && records.offset < end) {
      if (++this.scanned % lookEvery === 0 && this.#clock.monotonic() - sliceFrom > sliceMs) {
        await new Promise(setImmediate);
        sliceFrom = this.#clock.monotonic();
      }
      if (ended.aborted) return;
      if (this.#filter.skips(records)) continue;
      const read = reader.read(records);
      const record =
        read instanceof Promise
          ? await readPatiently(read, reader, records, { clock: this.#clock, signal: ended }, registry)
          : read;
      if (record === null || ended.aborted) return;
      if (!this.#filter.takes(tail.place, record)) continue;
      this.matched++;
      this.ring.add(number, records);
    }
  }
}
