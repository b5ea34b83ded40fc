import type { ChangelogWriter, StateStore, StoreSpec } from './state-store.ts';
import { keyId, rowOverheadBytes } from './state-store.ts';

export interface Row {
  readonly key: unknown;
  readonly value: unknown;
  /** Of the newest record that went into it, ms. */
  readonly timestamp: number;
}

/** The latest value of each key. Values are kept as they are: never change one that was put or got. */
export class KeyValueStore implements StateStore {
  readonly name: string;
  readonly #spec: StoreSpec;
  readonly #write: ChangelogWriter | null;
  readonly #rows = new Map<unknown, Row>();

  constructor(spec: StoreSpec, write: ChangelogWriter | null) {
    this.name = spec.name;
    this.#spec = spec;
    this.#write = write;
  }

  get rows(): number {
    return this.#rows.size;
  }
  get bytes(): number {
    return this.#rows.size * rowOverheadBytes;
  }

  get(key: unknown): Row | null {
    return this.#rows.get(this.#id(key)) ?? null;
  }

  /** null deletes. */
  put(key: unknown, value: unknown, timestamp: number): void {
    const { key: keys, value: values, topic = this.name } = this.#spec;
    if (value === null) this.#rows.delete(this.#id(key));
    else this.#rows.set(this.#id(key), { key, value, timestamp });
    this.#write?.(keys.encode(key, topic), value === null ? null : values.encode(value, topic), timestamp);
  }

  entries(): IterableIterator<Row> {
    return this.#rows.values();
  }

  restore(keyBytes: Uint8Array, valueBytes: Uint8Array | null, timestamp: number): void {
    const { key: keys, value: values, topic = this.name } = this.#spec;
    const key = keys.decode(keyBytes, topic);
    if (valueBytes === null) this.#rows.delete(this.#id(key));
    else this.#rows.set(this.#id(key), { key, value: values.decode(valueBytes, topic), timestamp });
  }

  clear(): void {
    this.#rows.clear();
  }

  #id(key: unknown): unknown {
    return typeof key === 'string' ? key : keyId(key, this.#spec.key, this.name);
  }
}
