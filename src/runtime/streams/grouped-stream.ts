import type { Maybe, Stored, StoredAs } from './dsl-types.ts';
import { type Aggregation, streamAggregateProcessor } from './processors/aggregate.ts';
import { sessionAggregateProcessor } from './processors/session.ts';
import { slidingAggregateProcessor } from './processors/sliding.ts';
import { type Emission, windowAggregateProcessor } from './processors/windowed.ts';
import { keyed } from './repartition.ts';
import { type Serde, t } from './serde.ts';
import type { StoreSpec } from './stores/state-store.ts';
import { type StreamState, serdeOf } from './stream-state.ts';
import { Table } from './table.ts';
import { TopologyError } from './topology-error.ts';
import { windowedSerde } from './windowed-serde.ts';
import type { SessionWindows, SlidingWindows, TimeWindows, Windowed } from './windows.ts';

type AnyWindows = TimeWindows | SlidingWindows | SessionWindows;

/** What a session aggregation needs besides: how two sessions become one. */
export interface Merging<K, A> {
  merge(key: K, one: A, other: A): A;
}

export interface Aggregator<K, V, A> {
  init(): A;
  /** null deletes the row; undefined is an error. */
  add(key: K, value: V, aggregate: A): Maybe<A | null>;
}

/** Records by key, before an aggregation. */
export class GroupedStream<K, V> {
  readonly #state: StreamState;
  readonly #as: string | null;

  constructor(state: StreamState, as: string | null) {
    this.#state = state;
    this.#as = as;
  }

  count(options: Stored): Table<K, number> {
    return this.#plain(options, t.long, 'KSTREAM-AGGREGATE', counting);
  }
  /** The first value of a key is its first result. */
  reduce(options: Stored & { reduce(one: V, other: V): Maybe<V | null> }): Table<K, NonNullable<V>> {
    return this.#plain(options, null, 'KSTREAM-REDUCE', reducing(options.reduce));
  }
  aggregate<A>(options: StoredAs<A> & Aggregator<K, V, A>): Table<K, A> {
    return this.#plain(options, options.value, 'KSTREAM-AGGREGATE', options as unknown as Aggregation);
  }

  windowedBy(windows: TimeWindows | SlidingWindows): WindowedStream<K, V>;
  windowedBy(windows: SessionWindows): SessionStream<K, V>;
  windowedBy(windows: AnyWindows): SessionStream<K, V> {
    return new SessionStream(this.#state, this.#as, windows);
  }

  #plain<A>(options: Stored, value: Serde<A> | null, prefix: string, aggregation: Aggregation): Table<K, A> {
    const { state, spec, name } = stored(this.#state, this.#as, options, value, prefix, {
      kind: 'key-value',
    });
    state.graph.addProcessor(
      name,
      streamAggregateProcessor(spec.name, aggregation),
      [state.node],
      [spec.name],
    );
    return Table.over(state.graph, name, spec);
  }
}

/** Records by key and window. */
export class WindowedStream<K, V> {
  readonly #state: StreamState;
  readonly #as: string | null;
  readonly #windows: AnyWindows;
  #emit: Emission = 'update';

  constructor(state: StreamState, as: string | null, windows: AnyWindows) {
    this.#state = state;
    this.#as = as;
    this.#windows = windows;
  }

  /** `final`: one result a window, when it closes. `update`, the default: one for each record. */
  emit(emission: Emission): this {
    this.#emit = emission;
    return this;
  }

  count(options: Stored): Table<Windowed<K>, number> {
    const sum = (_key: unknown, one: unknown, other: unknown) => (one as number) + (other as number);
    return this.windowed(options, t.long, 'KSTREAM-AGGREGATE', { ...counting, merge: sum });
  }
  reduce(
    options: Stored & { reduce(one: V, other: V): Maybe<V | null> },
  ): Table<Windowed<K>, NonNullable<V>> {
    const merge = (_key: unknown, one: unknown, other: unknown) => options.reduce(one as V, other as V);
    return this.windowed(options, null, 'KSTREAM-REDUCE', { ...reducing(options.reduce), merge });
  }
  aggregate<A>(options: StoredAs<A> & Aggregator<K, V, A>): Table<Windowed<K>, A> {
    return this.windowed(options, options.value, 'KSTREAM-AGGREGATE', options as never);
  }

  protected windowed<A>(
    options: Stored,
    value: Serde<A> | null,
    prefix: string,
    aggregation: Aggregation & Partial<Merging<unknown, unknown>>,
  ): Table<Windowed<K>, A> {
    const windows = this.#windows;
    const { state, spec, name } = stored(this.#state, this.#as, options, value, prefix, bounds(windows));
    const { graph } = state;
    graph.addProcessor(name, this.#processor(spec.name, aggregation), [state.node], [spec.name]);
    const strict = windows.kind === 'session';
    const closesAfterMs = windows.graceMs + (windows.kind === 'session' ? windows.gapMs : 0);
    return Table.over(graph, name, { ...spec, key: windowedSerde(spec.key) }, { closesAfterMs, strict });
  }

  #processor(store: string, aggregation: Aggregation & Partial<Merging<unknown, unknown>>) {
    const windows = this.#windows;
    if (windows.kind === 'time') return windowAggregateProcessor(store, windows, aggregation, this.#emit);
    if (windows.kind === 'sliding') return slidingAggregateProcessor(store, windows, aggregation, this.#emit);
    const { merge } = aggregation;
    if (!merge)
      throw new TopologyError(`the aggregation ${store} over sessions needs merge(key, one, other)`);
    return sessionAggregateProcessor(store, windows, { ...aggregation, merge }, this.#emit);
  }
}

export class SessionStream<K, V> extends WindowedStream<K, V> {
  override aggregate<A>(options: StoredAs<A> & Aggregator<K, V, A> & Merging<K, A>): Table<Windowed<K>, A> {
    return this.windowed(options, options.value, 'KSTREAM-AGGREGATE', options as never);
  }
}

const counting: Aggregation = { init: () => 0, add: (_key, _value, count) => (count as number) + 1 };
const reducing = <V>(reduce: (one: V, other: V) => Maybe<V | null>): Aggregation => ({
  init: null,
  add: (_key, value, sum) => reduce(sum as V, value as V),
});

function bounds(windows: AnyWindows): Pick<StoreSpec, 'kind' | 'retentionMs' | 'windowMs'> {
  const { graceMs } = windows;
  if (windows.kind === 'session')
    return { kind: 'session', retentionMs: windows.gapMs + graceMs + 1, windowMs: 0 };
  const windowMs = windows.kind === 'time' ? windows.sizeMs : windows.differenceMs;
  // Sliding windows look back over two of their length.
  return { kind: 'window', retentionMs: graceMs + 2 * windowMs, windowMs };
}

/** Repartitions where that is needed, and adds the store. */
function stored(
  before: StreamState,
  groupName: string | null,
  { as, logged = true }: Stored,
  value: Serde<never> | Serde<unknown> | null,
  prefix: string,
  shape: Partial<StoreSpec> & Pick<StoreSpec, 'kind'>,
): { state: StreamState; spec: StoreSpec; name: string } {
  const { graph } = before;
  const store = as ?? graph.nextName(`${prefix}-STATE-STORE`);
  const name = graph.nextName(prefix);
  const state = keyed(before, groupName ?? store);
  const spec: StoreSpec = {
    ...{ name: store, logged, retentionMs: 0, windowMs: 0, ...shape },
    key: serdeOf(state.key, `the key of store ${store}`),
    value: (value as Serde<unknown> | null) ?? serdeOf(state.value, `the value of store ${store}`),
  };
  graph.addStore(spec);
  return { state, spec, name };
}
