import { type AnySerde, anySerde, type Maybe, type Stored, type StoredAs } from './dsl-types.ts';
import type { Graph } from './graph/graph.ts';
import type { Change } from './processor.ts';
import { type TableAggregation, tableAggregateProcessor } from './processors/aggregate.ts';
import { type Serde, t } from './serde.ts';
import type { StoreSpec } from './stores/state-store.ts';
import { serdeOf } from './stream-state.ts';
import { Table } from './table.ts';

interface GroupedTableState {
  graph: Graph;
  node: string;
  key: AnySerde | null;
  value: AnySerde | null;
}

/** Rows of a table by another key. */
export class GroupedTable<K, V> {
  readonly #state: GroupedTableState;
  readonly #as: string | null;

  constructor(state: GroupedTableState, as: string | null) {
    this.#state = state;
    this.#as = as;
  }

  count(options: Stored): Table<K, number> {
    const add = (step: number) => (_key: unknown, _value: unknown, sum: unknown) => (sum as number) + step;
    return this.#aggregate(options, t.long, 'KTABLE-AGGREGATE', {
      init: () => 0,
      add: add(1),
      subtract: add(-1),
    });
  }
  reduce(
    options: Stored & { add(sum: V, value: V): Maybe<V>; subtract(sum: V, value: V): Maybe<V | null> },
  ): Table<K, V> {
    return this.#aggregate(options, null, 'KTABLE-REDUCE', {
      init: null,
      add: (_key, value, sum) => options.add(sum as V, value as V),
      subtract: (_key, value, sum) => options.subtract(sum as V, value as V),
    });
  }
  aggregate<A>(
    options: StoredAs<A> & {
      init(): A;
      add(key: K, value: V, aggregate: A): Maybe<A | null>;
      subtract(key: K, value: V, aggregate: A): Maybe<A | null>;
    },
  ): Table<K, A> {
    return this.#aggregate(options, options.value, 'KTABLE-AGGREGATE', options as never);
  }

  #aggregate<A>(
    options: Stored,
    value: Serde<A> | null,
    prefix: string,
    aggregation: TableAggregation,
  ): Table<K, A> {
    const { graph, node } = this.#state;
    const store = options.as ?? graph.nextName(`${prefix}-STATE-STORE`);
    const key = serdeOf(this.#state.key, `the key of store ${store}`);
    const values = serdeOf(this.#state.value, `the value of table group ${store}`);
    const topic = `${this.#as ?? store}-repartition`;
    const changes = changeSerde(values);
    const sink = graph.nextName('KSTREAM-SINK');
    const source = graph.nextName('KSTREAM-SOURCE');
    graph.addRepartition({ name: topic, partitions: null });
    graph.addSink({
      name: sink,
      parents: [node],
      topic,
      isInternal: true,
      key,
      value: changes,
      mapValue: null,
    });
    graph.addSource(source, { name: topic, key, value: changes }, { isInternal: true });
    const spec: StoreSpec = {
      ...{ name: store, kind: 'key-value', logged: options.logged ?? true, retentionMs: 0, windowMs: 0 },
      ...{ key, value: anySerde(value) ?? values },
    };
    graph.addStore(spec);
    const name = graph.nextName(prefix);
    graph.addProcessor(name, tableAggregateProcessor(store, aggregation), [source], [store]);
    return Table.over(graph, name, spec);
  }
}

/** Old and new value in one record: the new one's length, itself, and the old one. A length of -1 is none. */
function changeSerde(value: Serde<unknown>): Serde<unknown> {
  const serde: Serde<Change<unknown>> = {
    encode({ now, before }, topic) {
      const newBytes = now === null ? null : value.encode(now, topic);
      const oldBytes = before === null ? null : value.encode(before, topic);
      const lengths = Buffer.alloc(8);
      lengths.writeInt32BE(newBytes?.length ?? -1, 0);
      lengths.writeInt32BE(oldBytes?.length ?? -1, 4);
      return Buffer.concat([lengths, newBytes ?? Buffer.alloc(0), oldBytes ?? Buffer.alloc(0)]);
    },
    decode(bytes, topic) {
      const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const [newLength, oldLength] = [view.readInt32BE(0), view.readInt32BE(4)];
      const oldAt = 8 + Math.max(0, newLength);
      return {
        now: newLength < 0 ? null : value.decode(view.subarray(8, oldAt), topic),
        before: oldLength < 0 ? null : value.decode(view.subarray(oldAt, oldAt + oldLength), topic),
      };
    },
  };
  return serde as Serde<unknown>;
}
