/** Takes text and resolves when it can take more. */
export type WriteText = (text: string) => Promise<void> | undefined;

/** A part of the output that is written at once rather than kept growing, in characters. */
const fullAt = 64 * 1024;

/** Gathers the lines of all sites and writes them a batch at a time; counts them, and stops at the limit. */
export class TailOutput {
  readonly #write: WriteText;
  readonly #limit: number;
  readonly #onLimit: () => void;
  #text = '';
  /** Records looked at, shown or not. */
  scanned = 0;
  records = 0;
  undecodable = 0;

  constructor(write: WriteText, limit: number, onLimit: () => void) {
    this.#write = write;
    this.#limit = limit;
    this.#onLimit = onLimit;
  }

  /** False once the limit is reached; what is added after that is dropped. */
  add(line: string, undecodable: boolean): boolean {
    if (this.records >= this.#limit) return false;
    this.#text += line;
    this.records++;
    this.scanned++;
    if (undecodable) this.undecodable++;
    if (this.records < this.#limit) return true;
    this.#onLimit();
    return false;
  }

  /** Counts a record that the filters leave out. */
  skip(undecodable: boolean): void {
    this.scanned++;
    if (undecodable) this.undecodable++;
  }

  get full(): boolean {
    return this.#text.length >= fullAt;
  }

  flush(): Promise<void> | undefined {
    if (this.#text === '') return undefined;
    const text = this.#text;
    this.#text = '';
    return this.#write(text);
  }
}

interface Recent {
  timestamp: number;
  partition: number;
  offset: number;
  line: string;
  undecodable: boolean;
}

/** Keeps the last records of a topic over all its partitions, by time. */
export class RecentRecords {
  readonly #limit: number;
  #records: Recent[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(record: Recent): void {
    this.#records.push(record);
    // Sorting seldom keeps both the memory and the time bounded.
    if (this.#records.length >= Math.max(1000, 4 * this.#limit)) this.#trim();
  }

  /** Hands the records over, oldest first. */
  take(): Recent[] {
    this.#trim();
    const records = this.#records;
    this.#records = [];
    return records;
  }

  #trim(): void {
    this.#records.sort(
      (a, b) => a.timestamp - b.timestamp || a.partition - b.partition || a.offset - b.offset,
    );
    this.#records.splice(0, Math.max(0, this.#records.length - this.#limit));
  }
}
