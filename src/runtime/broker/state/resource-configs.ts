import { readJson } from '../storage/data-directory.ts';
import type { Directory } from '../storage/interface.ts';

type Values = Readonly<Record<string, string>>;

/** Configs of things that need not be there: of groups (KIP-848), of subscriptions to metrics of clients (KIP-714). */
export class ResourceConfigs {
  readonly #root: Directory;
  readonly #file: string;
  #byName: Readonly<Record<string, Values>> = {};

  constructor(root: Directory, file: string) {
    this.#root = root;
    this.#file = file;
  }

  load(): void {
    this.#byName = readJson<Record<string, Values>>(this.#root, this.#file) ?? {};
  }

  /** Those for which something is set. */
  names(): string[] {
    return Object.keys(this.#byName);
  }

  of(name: string): Values {
    return Object.hasOwn(this.#byName, name) ? this.#byName[name]! : {};
  }

  /** On disk before the call returns. */
  set(name: string, values: Values): void {
    const { [name]: _, ...others } = this.#byName;
    const next = Object.keys(values).length === 0 ? others : { ...others, [name]: values };
    this.#root.replace(this.#file, Buffer.from(JSON.stringify(next)));
    this.#byName = next;
  }
}
