/** A table that every instance has whole: it is loaded before anything else runs, and is not kept in step with time. */
export class GlobalTable<K, V> {
  readonly store: string;
  declare readonly types: [K, V];

  constructor(store: string) {
    this.store = store;
  }
}
