import type { Serde } from '../serde.ts';

/** Where a store tells its changes; null stands for a store without a changelog. */
export type ChangelogWriter = (key: Uint8Array, value: Uint8Array | null, timestamp: number) => void;

export interface StateStore {
  readonly name: string;
  readonly rows: number;
  /** Estimate of what its rows take in memory. */
  readonly bytes: number;
  /** Takes a record of the changelog back. */
  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void;
  clear(): void;
}

export type StoreKind = 'key-value' | 'window' | 'session' | 'buffer';

/** A store of the topology, before it runs. */
export interface StoreSpec {
  readonly name: string;
  readonly kind: StoreKind;
  /** What the serdes are told: the changelog topic of a store that has one. Default the name. */
  readonly topic?: string;
  readonly key: Serde<unknown>;
  readonly value: Serde<unknown>;
  readonly logged: boolean;
  /** How long rows of a window or session store are kept, in stream time. */
  readonly retentionMs: number;
  /** How long a window is; 0 where rows have an end of their own. */
  readonly windowMs: number;
}

/** A key in a Map: itself where it compares by value, else its bytes. */
export function keyId(key: unknown, serde: Serde<unknown>, topic: string): unknown {
  if (typeof key !== 'object' || key === null) return key;
  const bytes = serde.encode(key, topic);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** What a row costs besides its key and value: an entry of a Map and an object of three fields. */
export const rowOverheadBytes = 120;
