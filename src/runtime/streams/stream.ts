import { anySerde, type Maybe, type Stored } from './dsl-types.ts';
import type { GlobalTable } from './global-table.ts';
import type { Graph } from './graph/graph.ts';
import { GroupedStream } from './grouped-stream.ts';
import { joinStreams } from './join-streams.ts';
import { customProcessor, type ProcessOptions } from './processors/custom.ts';
import { streamGlobalJoinProcessor, streamTableJoinProcessor } from './processors/joins.ts';
import {
  filterProcessor,
  flatMapProcessor,
  mapProcessor,
  mapValuesProcessor,
  passProcessor,
  peekProcessor,
} from './processors/stateless.ts';
import { toTableProcessor } from './processors/table.ts';
import { keyed, throughRepartition } from './repartition.ts';
import type { Serde } from './serde.ts';
import {
  type GlobalJoinOptions,
  type JoinOptions,
  type Serdes,
  type StreamJoinOptions,
  type StreamState,
  serdesOf,
} from './stream-state.ts';
import { Table } from './table.ts';
import type { Topic } from './topic.ts';

type AnyFunction = (...args: never[]) => unknown;
/** Operators run on values of any type; the types of the DSL guard them. */
const untyped = (fn: AnyFunction) => fn as never;
// biome-ignore lint/suspicious/noExplicitAny: what several overloads have in common
type AnyStream = Stream<any, any>;

/**
 * An endless sequence of records. Every operator makes a new stream. Functions may return promises; records of a task
 * are never worked on at the same time.
 */
export class Stream<K, V> {
  /** For the operators of this library. */
  readonly state: StreamState;
  declare readonly types: [K, V];

  constructor(state: StreamState) {
    this.state = state;
  }

  /** Keeps what fits; a type guard narrows the values. */
  filter<W extends V>(predicate: (key: K | null, value: V) => value is V & W): Stream<K, W>;
  filter(predicate: (key: K | null, value: V) => Maybe<boolean>): Stream<K, V>;
  filter(predicate: (key: K | null, value: V) => Maybe<boolean>): Stream<K, V> {
    return this.#add('KSTREAM-FILTER', filterProcessor(untyped(predicate), true));
  }

  filterNot(predicate: (key: K | null, value: V) => Maybe<boolean>): Stream<K, V> {
    return this.#add('KSTREAM-FILTER', filterProcessor(untyped(predicate), false));
  }

  /** New key and value; joins and groups after it need a repartition topic, so prefer `mapValues` where the key stays. */
  map<K2, V2>(
    mapper: (key: K, value: V) => Maybe<readonly [K2, V2]>,
    serdes: Serdes<K2, V2> = {},
  ): Stream<K2, V2> {
    return this.#add('KSTREAM-MAP', mapProcessor(untyped(mapper)), { ...serdesOf(serdes), rekeyed: true });
  }

  mapValues<V2>(mapper: (value: V, key: K) => Maybe<V2>, serdes: { value?: Serde<V2> } = {}): Stream<K, V2> {
    return this.#add('KSTREAM-MAPVALUES', mapValuesProcessor(untyped(mapper)), {
      value: anySerde(serdes.value),
    });
  }

  flatMap<K2, V2>(
    mapper: (key: K, value: V) => Maybe<Iterable<readonly [K2, V2]>>,
    serdes: Serdes<K2, V2> = {},
  ): Stream<K2, V2> {
    return this.#add('KSTREAM-FLATMAP', flatMapProcessor(untyped(mapper)), {
      ...serdesOf(serdes),
      rekeyed: true,
    });
  }

  flatMapValues<V2>(
    mapper: (value: V, key: K) => Iterable<V2>,
    serdes: { value?: Serde<V2> } = {},
  ): Stream<K, V2> {
    const pairs = (key: K, value: V) => [...mapper(value, key)].map((one) => [key, one] as const);
    return this.#add('KSTREAM-FLATMAPVALUES', flatMapProcessor(untyped(pairs)), {
      value: anySerde(serdes.value),
    });
  }

  selectKey<K2>(selector: (key: K, value: V) => K2, serdes: { key?: Serde<K2> } = {}): Stream<K2, V> {
    const mapper = (key: K, value: V) => [selector(key, value), value] as const;
    return this.#add('KSTREAM-KEY-SELECT', mapProcessor(untyped(mapper)), {
      key: anySerde(serdes.key),
      rekeyed: true,
    });
  }

  /** Looks at each record and passes it on. */
  peek(action: (key: K, value: V) => unknown): Stream<K, V> {
    return this.#add('KSTREAM-PEEK', peekProcessor(untyped(action), false));
  }

  /** Ends here. A promise is awaited before the position is committed. */
  forEach(action: (key: K, value: V) => unknown): void {
    this.#add('KSTREAM-FOREACH', peekProcessor(untyped(action), true));
  }

  merge(other: Stream<K, V>): Stream<K, V> {
    const { graph, node } = this.state;
    const name = graph.nextName('KSTREAM-MERGE');
    graph.addProcessor(name, passProcessor, [node, other.state.node]);
    return new Stream({ ...this.state, node: name, rekeyed: this.state.rekeyed || other.state.rekeyed });
  }

  /** Each record goes to the first branch that takes it; those that none takes are left out. */
  split<B extends string>(branches: Record<B, (key: K, value: V) => boolean>): Record<B, Stream<K, V>> {
    const names = Object.keys(branches) as B[];
    const taker = (key: K, value: V) => names.find((name) => branches[name](key, value));
    const made = names.map((name) => [name, this.filter((key, value) => taker(key as K, value) === name)]);
    return Object.fromEntries(made) as Record<B, Stream<K, V>>;
  }

  /** Sends the records through a topic of the job's own, `<job>-<as>-repartition`, by their keys. */
  repartition(options: { as: string; partitions?: number } & Serdes<K, V>): Stream<K, V> {
    const state = { ...this.state, ...serdesOf({ key: options.key, value: options.value }, this.state) };
    return new Stream(throughRepartition(state, options.as, options.partitions ?? null));
  }

  /** Writes to a topic, by default with the values as they are. */
  to<T>(topic: Topic<K, T>, mapper: (key: K, value: NonNullable<V>) => T | null): void;
  to(topic: Topic<K, NonNullable<V>>): void;
  to(...args: unknown[]): void {
    const [topic, mapper] = args as [Topic<K, unknown>, ((key: K, value: NonNullable<V>) => unknown)?];
    const { graph, node } = this.state;
    const mapValue = mapper ? (untyped(mapper) as (key: unknown, value: unknown) => unknown) : null;
    const [key, value] = [anySerde(topic.key)!, anySerde(topic.value)!];
    const name = graph.nextName('KSTREAM-SINK');
    graph.addSink({ name, parents: [node], topic: topic.name, isInternal: false, key, value, mapValue });
  }

  /** Takes every record as the row of its key. */
  toTable(options: Stored & Serdes<K, V>): Table<K, NonNullable<V>> {
    const state = keyed({ ...this.state, ...serdesOf(options, this.state) }, options.as);
    const { graph } = state;
    const name = graph.nextName('KSTREAM-TOTABLE');
    const table = Table.make<K, NonNullable<V>>({ ...state, node: name }, options);
    graph.addProcessor(name, toTableProcessor(table.materialise()), [state.node], [table.materialise()]);
    return table;
  }

  groupByKey(options: { as?: string } & Serdes<K, V> = {}): GroupedStream<K, V> {
    const state = { ...this.state, ...serdesOf(options, this.state) };
    return new GroupedStream(state, options.as ?? null);
  }

  /** Groups by a new key, always through a repartition topic. */
  groupBy<K2>(
    selector: (key: K, value: V) => K2,
    options: { as?: string } & Serdes<K2, V> = {},
  ): GroupedStream<K2, V> {
    const { graph, node } = this.state;
    const generated = graph.nextName('KSTREAM-KEY-SELECT');
    const mapper = (key: K, value: V) => [selector(key, value), value] as const;
    const name = graph.addProcessor(options.as ?? generated, mapProcessor(untyped(mapper)), [node]);
    const selected = { ...this.state, node: name, key: anySerde(options.key), rekeyed: true };
    const value = anySerde(options.value) ?? this.state.value;
    return new GroupedStream({ ...selected, value }, options.as ?? null);
  }

  join<W, R>(
    table: Table<K, W>,
    joiner: (value: NonNullable<V>, row: W, key: K) => Maybe<R>,
    options?: JoinOptions,
  ): Stream<K, R>;
  join<KG, W, R>(
    table: GlobalTable<KG, W>,
    options: GlobalJoinOptions<K, V, KG>,
    joiner: (value: NonNullable<V>, row: W, key: K) => Maybe<R>,
  ): Stream<K, R>;
  join<W, R>(
    other: Stream<K, W>,
    joiner: (value: NonNullable<V>, other: NonNullable<W>, key: K) => Maybe<R>,
    options: StreamJoinOptions,
  ): Stream<K, R>;
  join(...args: unknown[]): AnyStream {
    return this.#join(args[0] as Joinable, args.slice(1), 'inner');
  }

  leftJoin<W, R>(
    table: Table<K, W>,
    joiner: (value: NonNullable<V>, row: W | null, key: K) => Maybe<R>,
    options?: JoinOptions,
  ): Stream<K, R>;
  leftJoin<KG, W, R>(
    table: GlobalTable<KG, W>,
    options: GlobalJoinOptions<K, V, KG>,
    joiner: (value: NonNullable<V>, row: W | null, key: K) => Maybe<R>,
  ): Stream<K, R>;
  leftJoin<W, R>(
    other: Stream<K, W>,
    joiner: (value: NonNullable<V>, other: NonNullable<W> | null, key: K) => Maybe<R>,
    options: StreamJoinOptions,
  ): Stream<K, R>;
  leftJoin(...args: unknown[]): AnyStream {
    return this.#join(args[0] as Joinable, args.slice(1), 'left');
  }

  outerJoin<W, R>(
    other: Stream<K, W>,
    joiner: (value: NonNullable<V> | null, other: NonNullable<W> | null, key: K) => Maybe<R>,
    options: StreamJoinOptions,
  ): Stream<K, R> {
    return this.#join(other as Joinable, [joiner, options], 'outer');
  }

  /** A processor of one's own, with stores and timers. */
  process<K2, V2>(options: ProcessOptions<K, V, K2, V2>): Stream<K2, V2> {
    const { graph, node } = this.state;
    graph.addProcessor(
      options.as,
      customProcessor(options as never, graph),
      [node],
      Object.keys(options.stores ?? {}),
    );
    return new Stream({ ...this.state, node: options.as, ...serdesOf(options), rekeyed: true });
  }

  #join<R>(other: Joinable, rest: unknown[], how: 'inner' | 'left' | 'outer'): Stream<K, R> {
    if (other instanceof Stream)
      return joinStreams(
        this as never,
        other as never,
        rest[0] as never,
        rest[1] as never,
        how,
      ) as unknown as Stream<K, R>;
    const isLeft = how === 'left';
    if (other instanceof Table) {
      const options = (rest[1] ?? {}) as JoinOptions;
      const state = keyed(this.state, options.as ?? null);
      const { graph } = state;
      // A name takes a number all the same, as in Kafka Streams.
      const generated = graph.nextName(isLeft ? 'KSTREAM-LEFTJOIN' : 'KSTREAM-JOIN');
      const name = options.as ?? generated;
      const store = other.materialise();
      graph.addProcessor(
        name,
        streamTableJoinProcessor(() => store, rest[0] as never, isLeft),
        [state.node],
        [store],
      );
      graph.copartitioned.push([state.node, other.state.node]);
      return new Stream({ ...state, node: name, value: null });
    }
    const { graph, node } = this.state;
    const name = graph.nextName('KSTREAM-LEFTJOIN');
    const { by } = rest[0] as GlobalJoinOptions<K, V, unknown>;
    const processor = streamGlobalJoinProcessor(other.store, by as never, rest[1] as never, isLeft);
    graph.addProcessor(name, processor, [node], [other.store]);
    return new Stream({ ...this.state, node: name, value: null });
  }

  #add<K2, V2>(
    prefix: string,
    factory: Parameters<Graph['addProcessor']>[1],
    changes: Partial<StreamState> = {},
  ): Stream<K2, V2> {
    const { graph, node } = this.state;
    const name = graph.addProcessor(graph.nextName(prefix), factory, [node]);
    return new Stream({ ...this.state, ...changes, node: name });
  }
}

type Joinable = Stream<unknown, unknown> | Table<unknown, unknown> | GlobalTable<unknown, unknown>;
