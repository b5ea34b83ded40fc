import { readJson } from '../storage/data-directory.ts';
import type { Directory } from '../storage/interface.ts';

const FILE = 'features.json';

/** What there is, and its highest level (KIP-584): the consumer protocol (KIP-848), transactions v2 (KIP-890). */
const supported: Readonly<Record<string, number>> = { 'group.version': 1, 'transaction.version': 2 };

export interface Feature {
  name: string;
  maxLevel: number;
  /** What the cluster has agreed on; 0: switched off. */
  level: number;
}

/** Features of the cluster: all at their highest level, until somebody says otherwise. */
export class Features {
  readonly #root: Directory;
  #levels: Record<string, number> = {};
  /** Grows with each change. */
  epoch = 0;

  constructor(root: Directory) {
    this.#root = root;
  }

  load(): void {
    const saved = readJson<{ epoch: number; levels: Record<string, number> }>(this.#root, FILE);
    if (saved) ({ epoch: this.epoch, levels: this.#levels } = saved);
  }

  all(): Feature[] {
    return Object.entries(supported).map(([name, maxLevel]) => ({
      ...{ name, maxLevel },
      level: this.#levels[name] ?? maxLevel,
    }));
  }

  get(name: string): Feature | undefined {
    return this.all().find((feature) => feature.name === name);
  }

  /** On disk before the call returns. */
  set(levels: Readonly<Record<string, number>>): void {
    const next = { epoch: this.epoch + 1, levels: { ...this.#levels, ...levels } };
    this.#root.replace(FILE, Buffer.from(JSON.stringify(next)));
    ({ epoch: this.epoch, levels: this.#levels } = next);
  }
}
