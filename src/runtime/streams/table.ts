import { type AnySerde, anySerde, type Maybe, type Stored, type StoredAs } from './dsl-types.ts';
import type { Graph } from './graph/graph.ts';
import { GroupedTable } from './grouped-table.ts';
import { type Joiner, tableMergeProcessor, tableTableJoinProcessor } from './processors/joins.ts';
import { suppressProcessor } from './processors/suppress.ts';
import {
  tableFilterProcessor,
  tableMapValuesProcessor,
  tableSelectProcessor,
  toStreamProcessor,
} from './processors/table.ts';
import { type Serde, t } from './serde.ts';
import type { StoreSpec } from './stores/state-store.ts';
import { Stream } from './stream.ts';
import { type Serdes, serdeOf } from './stream-state.ts';
import { TopologyError } from './topology-error.ts';

/** When windows of a table close: so long after their end, and for sessions strictly later. */
export interface Closing {
  closesAfterMs: number;
  strict: boolean;
}

interface TableState {
  readonly graph: Graph;
  readonly node: string;
  readonly key: AnySerde | null;
  readonly value: AnySerde | null;
}

export type Suppression = Stored & { maxRecords?: number } & (
    | { until: 'closed' }
    | { until: 'limit'; limitMs: number; whenFull?: 'emit' | 'fail' }
  );

/** The latest value of each key, as a sequence of updates; null takes a row away. */
export class Table<K, V> {
  readonly state: TableState;
  declare readonly types: [K, V];
  #store: string | null;
  readonly #wanted: { name: string | null; logged: boolean };
  readonly #closing: Closing | null;

  constructor(
    state: TableState,
    store: string | null,
    wanted: { name: string | null; logged: boolean },
    closing: Closing | null = null,
  ) {
    this.state = state;
    this.#store = store;
    this.#wanted = wanted;
    this.#closing = closing;
  }

  /** A table that gets its store when somebody looks rows up, or now when it has a name. */
  static make<K, V>(
    state: TableState,
    { as, logged = true }: Partial<Stored>,
    fallback: string | null = null,
  ): Table<K, V> {
    const table = new Table<K, V>(state, null, { name: as ?? fallback, logged });
    return table;
  }

  /** A table whose store is there. */
  static over<K, V>(graph: Graph, node: string, spec: StoreSpec, closing?: Closing): Table<K, V> {
    const state = { graph, node, key: spec.key, value: spec.value };
    return new Table<K, V>(state, spec.name, { name: spec.name, logged: spec.logged }, closing ?? null);
  }

  /** Null as long as nobody looks rows up in it. */
  get store(): string | null {
    return this.#store;
  }

  /** Makes sure that rows can be looked up. Returns the name of the store. */
  materialise(): string {
    if (this.#store !== null) return this.#store;
    const { graph, node } = this.state;
    const name = this.#wanted.name ?? graph.nextName(`${node.replace(/-\d{10}$/, '')}-STATE-STORE`);
    const key = serdeOf(this.state.key, `the key of store ${name}`);
    const value = serdeOf(this.state.value, `the value of store ${name}`);
    graph.addStore({
      name,
      key,
      value,
      kind: 'key-value',
      logged: this.#wanted.logged,
      retentionMs: 0,
      windowMs: 0,
    });
    this.#store = name;
    if (graph.nodes.has(node)) graph.connect(node, name);
    return name;
  }

  /** What does not fit becomes a tombstone. */
  filter(predicate: (key: K, value: V) => Maybe<boolean>, options: Partial<Stored> = {}): Table<K, V> {
    return this.#filter(predicate as never, true, options);
  }
  filterNot(predicate: (key: K, value: V) => Maybe<boolean>, options: Partial<Stored> = {}): Table<K, V> {
    return this.#filter(predicate as never, false, options);
  }

  /** Tombstones pass without a call. */
  mapValues<V2>(
    mapper: (value: V, key: K) => Maybe<V2 | null>,
    options: Partial<StoredAs<V2>> = {},
  ): Table<K, V2> {
    const { graph, node } = this.state;
    const name = graph.nextName('KTABLE-MAPVALUES');
    const table = Table.make<K, V2>({ ...this.state, node: name, value: anySerde(options.value) }, options);
    graph.addProcessor(
      name,
      tableMapValuesProcessor(mapper as never, () => table.store),
      [node],
    );
    if (options.as) table.materialise();
    return table;
  }

  /** Its updates as records; a tombstone is a record without a value. */
  toStream(): Stream<K, V | null> {
    const { graph, node } = this.state;
    const name = graph.addProcessor(graph.nextName('KTABLE-TOSTREAM'), toStreamProcessor, [node]);
    return new Stream({ ...this.state, node: name, rekeyed: false });
  }

  join<W, R>(
    other: Table<K, W>,
    joiner: (value: V, other: W, key: K) => Maybe<R>,
    options: Partial<StoredAs<R>> = {},
  ): Table<K, R> {
    return this.#join(other, joiner as never, options, false, false);
  }
  leftJoin<W, R>(
    other: Table<K, W>,
    joiner: (value: V, other: W | null, key: K) => Maybe<R>,
    options: Partial<StoredAs<R>> = {},
  ): Table<K, R> {
    return this.#join(other, joiner as never, options, true, false);
  }
  outerJoin<W, R>(
    other: Table<K, W>,
    joiner: (value: V | null, other: W | null, key: K) => Maybe<R>,
    options: Partial<StoredAs<R>> = {},
  ): Table<K, R> {
    return this.#join(other, joiner as never, options, true, true);
  }

  /** Groups rows by something else; a row that changes leaves its old group. */
  groupBy<K2, V2>(
    mapper: (key: K, value: V) => readonly [K2, V2],
    options: { as?: string } & Serdes<K2, V2>,
  ): GroupedTable<K2, V2> {
    const { graph, node } = this.state;
    const name = graph.nextName('KTABLE-SELECT');
    this.materialise();
    graph.addProcessor(name, tableSelectProcessor(mapper as never), [node]);
    const key = anySerde(options.key) ?? this.state.key;
    const value = anySerde(options.value) ?? this.state.value;
    return new GroupedTable({ graph, node: name, key, value }, options.as ?? null);
  }

  /** Holds updates back: windows until they close, other rows for a time. */
  suppress(options: Suppression): Table<K, V> {
    const { graph, node } = this.state;
    const isFinal = options.until === 'closed';
    if (isFinal && !this.#closing)
      throw new TopologyError('only windows close; suppress({ until: "closed" }) needs windowedBy before it');
    const name = graph.nextName('KTABLE-SUPPRESS');
    const store = options.as ?? graph.nextName('KTABLE-SUPPRESS-STATE-STORE');
    const value = serdeOf(this.state.value, `the value of store ${store}`);
    const key = serdeOf(this.state.key, `the key of store ${store}`);
    const logged = options.logged ?? true;
    graph.addStore({
      name: store,
      key,
      value: holding(value),
      kind: 'buffer',
      logged,
      retentionMs: 0,
      windowMs: 0,
    });
    const processor = suppressProcessor(name, store, key, {
      until: options.until,
      waitMs: isFinal ? this.#closing!.closesAfterMs : options.limitMs,
      strict: isFinal && this.#closing!.strict,
      maxRecords: options.maxRecords ?? null,
      emitEarly: !isFinal && options.whenFull !== 'fail',
    });
    graph.addProcessor(name, processor, [node], [store]);
    return new Table<K, V>({ ...this.state, node: name }, null, { name: null, logged: true }, this.#closing);
  }

  #filter(
    predicate: (key: unknown, value: unknown) => Maybe<boolean>,
    wanted: boolean,
    options: Partial<Stored>,
  ): Table<K, V> {
    const { graph, node } = this.state;
    const name = graph.nextName('KTABLE-FILTER');
    const table = Table.make<K, V>({ ...this.state, node: name }, options);
    const knowsBefore = () => table.store !== null || this.store !== null;
    graph.addProcessor(
      name,
      tableFilterProcessor(predicate, wanted, () => table.store, knowsBefore),
      [node],
    );
    if (options.as) table.materialise();
    return table;
  }

  #join<W, R>(
    other: Table<K, W>,
    joiner: Joiner,
    options: Partial<StoredAs<R>>,
    left: boolean,
    right: boolean,
  ): Table<K, R> {
    const { graph } = this.state;
    const merge = graph.nextName('KTABLE-MERGE');
    const [own, theirs] = [this.materialise(), other.materialise()];
    const [onLeft, onRight] = [graph.nextName('KTABLE-JOINTHIS'), graph.nextName('KTABLE-JOINOTHER')];
    const leftSide = { other: () => theirs, joiner, isRight: false, aloneHere: left, aloneThere: right };
    const rightSide = { other: () => own, joiner, isRight: true, aloneHere: right, aloneThere: left };
    graph.addProcessor(onLeft, tableTableJoinProcessor(leftSide), [this.state.node], [theirs]);
    graph.addProcessor(onRight, tableTableJoinProcessor(rightSide), [other.state.node], [own]);
    const table = Table.make<K, R>({ ...this.state, node: merge, value: anySerde(options.value) }, options);
    graph.addProcessor(
      merge,
      tableMergeProcessor(() => table.store),
      [onLeft, onRight],
    );
    graph.copartitioned.push([this.state.node, other.state.node]);
    if (options.as) table.materialise();
    return table;
  }
}

/** What suppress holds may be a tombstone, which a store's value cannot be. */
function holding(value: Serde<unknown>): Serde<unknown> {
  return {
    encode(held, topic) {
      const { now } = held as { now: unknown };
      return now === null
        ? t.bytes.encode(new Uint8Array([0]), topic)
        : Buffer.concat([Buffer.from([1]), value.encode(now, topic)]);
    },
    decode: (bytes, topic) => ({ now: bytes[0] === 0 ? null : value.decode(bytes.subarray(1), topic) }),
  };
}
