import type { KeyValueStore } from '../stores/key-value-store.ts';
import type { WindowStore } from '../stores/window-store.ts';

export interface StoreRow<K, V> {
  key: K;
  value: V;
  /** Of the newest record that went into it, ms. */
  timestamp: number;
  /** Of a window, ms. */
  start?: number;
  end?: number;
}

/** What is in a store, to be read from outside. */
export interface StoreView<K, V> {
  readonly rows: number;
  /** The value of a key; null where there is none here. For stores without windows. */
  get(key: K): V | null;
  entries(): IterableIterator<StoreRow<K, V>>;
}

/** @param find the parts of the store that are here now */
export function storeView<K, V>(find: () => (KeyValueStore | WindowStore | undefined)[]): StoreView<K, V> {
  const parts = () => find().filter((part) => part !== undefined);
  return {
    get rows() {
      return parts().reduce((sum, { rows }) => sum + rows, 0);
    },
    get(key) {
      for (const part of parts()) {
        const row = (part as KeyValueStore).get(key);
        if (row) return row.value as V;
      }
      return null;
    },
    *entries() {
      for (const part of parts()) yield* part.entries() as IterableIterator<StoreRow<K, V>>;
    },
  };
}
