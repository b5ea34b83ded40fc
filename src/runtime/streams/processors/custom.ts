import { type Done, eachInOrder, whenDone } from '../done.ts';
import type { Maybe } from '../dsl-types.ts';
import type { Graph } from '../graph/graph.ts';
import type { DropReason, Headers, NodeContext, ProcessorFactory } from '../processor.ts';
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
  /** Called once, before the first record of a task. */
  init?(context: ProcessorContext<K2, V2>): void;
  onRecord(record: { key: K; value: V }, context: ProcessorContext<K2, V2>): Maybe<void>;
  every?: { ms: number; clock: 'stream' | 'wall'; run(context: ProcessorContext<K2, V2>): Maybe<void> };
  key?: Serde<K2>;
  value?: Serde<V2>;
}

export function customProcessor(
  { stores = {}, init, onRecord, every }: ProcessOptions<unknown, unknown, unknown, unknown>,
  graph: Graph,
): ProcessorFactory {
  for (const [name, { key, value }] of Object.entries(stores)) {
    const serdes = { key: key as Serde<unknown>, value: value as Serde<unknown> };
    graph.addStore({ name, ...serdes, kind: 'key-value', logged: true, retentionMs: 0, windowMs: 0 });
  }
  return (node) => {
    const context = new RecordContext(node);
    const flush = (): Done => {
      const { forwarded, headers } = context;
      if (forwarded.length === 0) return;
      return eachInOrder(forwarded.splice(0), ([key, value, time]) =>
        node.forward(key, value, time, headers),
      );
    };
    let begun = init === undefined;
    const begin = (timestamp: number): void => {
      begun = true;
      init!(context.at(timestamp, []));
    };
    if (every) {
      const run = (timestamp: number) => whenDone(every.run(context.at(timestamp, [])), flush);
      node.schedule({ everyMs: every.ms, clock: every.clock, run });
    }
    return {
      process(key, value, timestamp, headers) {
        if (!begun) begin(timestamp);
        return whenDone(onRecord({ key, value }, context.at(timestamp, headers)), flush);
      },
    };
  };
}

/** One for all records of a processor: no two of them are worked on at once. */
class RecordContext implements ProcessorContext<unknown, unknown> {
  readonly forwarded: [unknown, unknown, number][] = [];
  timestamp = -1;
  headers: Headers = [];
  readonly #node: NodeContext;
  readonly #stores = new Map<string, ProcessorStore>();

  constructor(node: NodeContext) {
    this.#node = node;
  }

  at(timestamp: number, headers: Headers): this {
    this.timestamp = timestamp;
    this.headers = headers;
    return this;
  }

  get streamTime(): number {
    return this.#node.streamTime();
  }

  store(name: string): ProcessorStore {
    const known = this.#stores.get(name);
    if (known) return known;
    const store = this.#node.store<KeyValueStore>(name);
    const made: ProcessorStore = {
      get: (key) => store.get(key)?.value ?? null,
      put: (key, value) => store.put(key, value, this.timestamp),
      entries: () => store.entries(),
    };
    this.#stores.set(name, made);
    return made;
  }

  commit(): void {
    this.#node.requestCommit();
  }

  drop(reason: DropReason): void {
    this.#node.drop(reason);
  }

  forward(key: unknown, value: unknown, timestamp = this.timestamp): void {
    this.forwarded.push([key, value, timestamp]);
  }
}
