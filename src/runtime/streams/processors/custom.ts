import { type Done, eachInOrder, whenDone } from '../done.ts';
import type { Maybe } from '../dsl-types.ts';
import type { Graph } from '../graph/graph.ts';
import type { DropReason, Headers, ProcessorFactory } from '../processor.ts';
import type { Serde } from '../serde.ts';
import type { KeyValueStore, Row } from '../stores/key-value-store.ts';

/** A store of a processor of one's own. */
export interface ProcessorStore {
  get(key: unknown): unknown;
  /** null deletes. */
  put(key: unknown, value: unknown): void;
  entries(): Iterable<Row>;
}

export interface ProcessorContext<K2, V2> {
  /** ms; of the record, or of the moment that a timer stands for. */
  readonly timestamp: number;
  readonly headers: Headers;
  readonly streamTime: number;
  store(name: string): ProcessorStore;
  forward(key: K2, value: V2, timestamp?: number): void;
  /** Asks for a commit once this record is worked through: what was done outside is then not done again. */
  commit(): void;
  /** Counts a record that is left out. */
  drop(reason: DropReason): void;
}

export interface ProcessOptions<K, V, K2, V2> {
  /** Name of the processor. */
  as: string;
  stores?: Record<string, { key: Serde<never> | Serde<unknown>; value: Serde<never> | Serde<unknown> }>;
  onRecord(record: { key: K; value: V }, context: ProcessorContext<K2, V2>): Maybe<void>;
  every?: { ms: number; clock: 'stream' | 'wall'; run(context: ProcessorContext<K2, V2>): Maybe<void> };
  key?: Serde<K2>;
  value?: Serde<V2>;
}

export function customProcessor(
  { stores = {}, onRecord, every }: ProcessOptions<unknown, unknown, unknown, unknown>,
  graph: Graph,
): ProcessorFactory {
  for (const [name, { key, value }] of Object.entries(stores)) {
    const serdes = { key: key as Serde<unknown>, value: value as Serde<unknown> };
    graph.addStore({ name, ...serdes, kind: 'key-value', logged: true, retentionMs: 0, windowMs: 0 });
  }
  return (context) => {
    const forwarded: [unknown, unknown, number][] = [];
    const at = (timestamp: number, headers: Headers): ProcessorContext<unknown, unknown> => ({
      ...{ timestamp, headers, streamTime: context.streamTime() },
      store(name) {
        const store = context.store<KeyValueStore>(name);
        return {
          get: (key) => store.get(key)?.value ?? null,
          put: (key, value) => store.put(key, value, timestamp),
          entries: () => store.entries(),
        };
      },
      commit: () => context.requestCommit(),
      drop: (reason) => context.drop(reason),
      forward: (key, value, time = timestamp) => void forwarded.push([key, value, time]),
    });
    const flush = (headers: Headers): Done =>
      eachInOrder(forwarded.splice(0), ([key, value, time]) => context.forward(key, value, time, headers));
    if (every) {
      const run = (timestamp: number) => whenDone(every.run(at(timestamp, [])), () => flush([]));
      context.schedule({ everyMs: every.ms, clock: every.clock, run });
    }
    return {
      process: (key, value, timestamp, headers) =>
        whenDone(onRecord({ key, value }, at(timestamp, headers)), () => flush(headers)),
    };
  };
}
