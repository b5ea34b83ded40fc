import { readJson } from '../storage/data-directory.ts';
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
    this.#next = readJson<{ next: number }>(this.#root, FILE)?.next ?? 0;
    this.#blockEnd = this.#next;
  }

  next(): number {
    if (this.#next >= this.#blockEnd) {
      const blockEnd = this.#next + BLOCK;
      this.#root.replace(FILE, Buffer.from(JSON.stringify({ next: blockEnd })));
      this.#blockEnd = blockEnd;
    }
    return this.#next++;
  }
}
