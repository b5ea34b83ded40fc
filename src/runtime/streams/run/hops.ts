import type { Headers } from '../processor.ts';

/**
 * What goes from one sub-topology to the next passes a repartition topic, and after a crash it is written there once more. Each
 * record says which input record it comes of, and of how many before it of the same one; who reads it leaves out what it has had.
 */
export const hopHeader = 'dds-hop';

/** Beside a committed offset there is room for 4096 characters. */
const noteLimit = 3000;

/** By source partition: offset of the last input record, and number of the last record that came of it. */
export type Seen = Record<string, [offset: number, index: number]>;

/** Marks what a task writes into repartition topics. */
export class HopMarker {
  #source = '';
  #offset = -1;
  #index = 0;

  /** From now on what is written comes of this input record. */
  begin(topic: string, partition: number, offset: number): void {
    this.#source = `${topic}/${partition}`;
    this.#offset = offset;
    this.#index = 0;
  }

  /** What is written now comes of no record, and could not be told apart. */
  end(): void {
    this.#offset = -1;
  }

  mark(headers: Headers): Headers {
    if (this.#offset < 0) return withoutMark(headers);
    const value = Buffer.from(JSON.stringify([this.#source, this.#offset, this.#index++]));
    return [...withoutMark(headers), { key: hopHeader, value }];
  }
}

/** A mark is for the topic that it was made for. */
export const withoutMark = (headers: Headers): Headers =>
  headers.some(({ key }) => key === hopHeader) ? headers.filter(({ key }) => key !== hopHeader) : headers;

/** Tells records that were read before from those that were not. */
export class HopFilter {
  #seen: Seen = {};

  restore(seen: Seen): void {
    this.#seen = seen;
  }

  /** True for a record that is there once more. */
  isRepeated(headers: Headers): boolean {
    const mark = headers.find(({ key }) => key === hopHeader)?.value;
    if (!mark) return false;
    const [source, offset, index] = JSON.parse(Buffer.from(mark).toString()) as [string, number, number];
    const [lastOffset, lastIndex] = this.#seen[source] ?? [-1, -1];
    if (offset < lastOffset || (offset === lastOffset && index <= lastIndex)) return true;
    this.#seen[source] = [offset, index];
    return false;
  }

  /** To be kept beside the offset; nothing where there is too much of it. */
  note(): { seen?: Seen } {
    if (Object.keys(this.#seen).length === 0) return {};
    return JSON.stringify(this.#seen).length > noteLimit ? {} : { seen: this.#seen };
  }
}
