import type { Directory } from '../storage/interface.ts';

const FILE = 'producer-ids.json';
const BLOCK = 1000;

/** Gives out producer ids. A block is reserved on disk before its first id is used, so no id is given twice. */
export class ProducerIds {
  readonly #root: Directory;
  #next = 0;
  #blockEnd = 0;

  constructor(root: Directory) {
    this.#root = root;
  }

  load(): void {
    const bytes = this.#root.read(FILE);
    this.#next = bytes ? (JSON.parse(bytes.toString()) as { next: number }).next : 0;
    this.#blockEnd = this.#next;
  }

  next(): number {
    if (this.#next >= this.#blockEnd) {
      this.#blockEnd = this.#next + BLOCK;
      this.#root.replace(FILE, Buffer.from(JSON.stringify({ next: this.#blockEnd })));
    }
    return this.#next++;
  }
}
