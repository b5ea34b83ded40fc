import type { Serde } from './serde.ts';

export type Maybe<T> = T | Promise<T>;

/** Names a store, and with it its changelog: a name that stays when the topology around it changes. */
export interface Stored {
  as: string;
  /** false: no changelog; the state is lost with the process. Default true. */
  logged?: boolean;
}

export interface StoredAs<V> extends Stored {
  value: Serde<V>;
}

export type AnySerde = Serde<unknown>;
export const anySerde = <T>(serde: Serde<T> | null | undefined): AnySerde | null =>
  (serde as AnySerde | undefined) ?? null;
