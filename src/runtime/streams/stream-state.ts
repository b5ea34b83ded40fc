import { type AnySerde, anySerde, type Stored } from './dsl-types.ts';
import type { Graph } from './graph/graph.ts';
import type { Serde } from './serde.ts';
import { TopologyError } from './topology-error.ts';
import type { JoinWindows } from './windows.ts';

/** Where a stream stands in the graph. */
export interface StreamState {
  readonly graph: Graph;
  readonly node: string;
  readonly key: AnySerde | null;
  readonly value: AnySerde | null;
  /** The key was changed since the last topic: what looks keys up needs a repartition topic first. */
  readonly rekeyed: boolean;
}

/** Needed where bytes are: stores, repartition topics. Left out, they are those of the topic, while the type is the same. */
export interface Serdes<K, V> {
  key?: Serde<K> | undefined;
  value?: Serde<V> | undefined;
}
export interface JoinOptions {
  /** Names the join, and the repartition topic where the key was changed before. */
  as?: string;
}
export interface GlobalJoinOptions<K, V, KG> {
  /** The key of the row; null or undefined for none. */
  by(key: K, value: NonNullable<V>): KG | null | undefined;
}
export interface StreamJoinOptions extends Stored {
  windows: JoinWindows;
}

export function serdesOf<K, V>(
  { key, value }: Serdes<K, V>,
  before: Partial<StreamState> = {},
): Pick<StreamState, 'key' | 'value'> {
  return { key: anySerde(key) ?? before.key ?? null, value: anySerde(value) ?? before.value ?? null };
}

/** Throws TopologyError where bytes are needed and nobody said how to make them. */
export function serdeOf(serde: AnySerde | null, what: string): AnySerde {
  if (serde) return serde;
  throw new TopologyError(
    `${what} needs a serde: its type was changed on the way; pass it, as in { value: t.json() }`,
  );
}
