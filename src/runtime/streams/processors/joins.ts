import { whenDone } from '../done.ts';
import type { Maybe } from '../dsl-types.ts';
import type { Change, ProcessorFactory } from '../processor.ts';
import type { KeyValueStore } from '../stores/key-value-store.ts';
import { defined } from './stateless.ts';

export type Joiner = (left: unknown, right: unknown, key: unknown) => Maybe<unknown>;

/** A stream looks its key up in a table. Updates of the table trigger nothing. */
export const streamTableJoinProcessor =
  (storeName: () => string, joiner: Joiner, isLeft: boolean): ProcessorFactory =>
  (context) => {
    const store = context.store<KeyValueStore>(storeName());
    return {
      process(key, value, timestamp, headers) {
        if (value === null) return context.drop('null-value');
        // KIP-962: a left join takes a record without a key on.
        if (key === null && !isLeft) return context.drop('null-key');
        const row = key === null ? null : store.get(key);
        if (row === null && !isLeft) return;
        return whenDone(joiner(value, row?.value ?? null, key), (joined) =>
          context.forward(key, defined(joined), timestamp, headers),
        );
      },
    };
  };

/** The same with a key that is made of the record, in a table that every instance has whole. */
export const streamGlobalJoinProcessor =
  (
    storeName: string,
    selectKey: (key: unknown, value: unknown) => unknown,
    joiner: Joiner,
    isLeft: boolean,
  ): ProcessorFactory =>
  (context) => {
    const store = context.store<KeyValueStore>(storeName);
    return {
      process(key, value, timestamp, headers) {
        if (value === null) return context.drop('null-value');
        const selected = selectKey(key, value) ?? null;
        if (selected === null && !(isLeft && key === null)) return context.drop('null-key');
        const row = selected === null ? null : store.get(selected);
        if (row === null && !isLeft) return;
        return whenDone(joiner(value, row?.value ?? null, key), (joined) =>
          context.forward(key, defined(joined), timestamp, headers),
        );
      },
    };
  };

export interface TableJoinSide {
  /** Store of the other table. */
  other: () => string;
  joiner: Joiner;
  /** The update comes from the right table. */
  isRight: boolean;
  /** A row of this side alone is a result. */
  aloneHere: boolean;
  /** A row of the other side alone is a result. */
  aloneThere: boolean;
}

/** One side of a table-table join: each update looks the other side up. */
export const tableTableJoinProcessor =
  ({ other, joiner, isRight, aloneHere, aloneThere }: TableJoinSide): ProcessorFactory =>
  (context) => {
    const store = context.store<KeyValueStore>(other());
    const join = (own: unknown, theirs: unknown, key: unknown): Maybe<unknown> => {
      const isResult = theirs === null ? own !== null && aloneHere : own !== null || aloneThere;
      if (!isResult) return null;
      return isRight ? joiner(theirs, own, key) : joiner(own, theirs, key);
    };
    return {
      process(key, value, timestamp, headers) {
        if (key === null) return context.drop('null-key');
        const change = value as Change<unknown>;
        const row = store.get(key);
        if (row === null && (!aloneHere || (change.now === null && change.before === null))) return;
        const at = row ? Math.max(row.timestamp, timestamp) : timestamp;
        const theirs = row?.value ?? null;
        return whenDone(join(change.now, theirs, key), (now) =>
          whenDone(join(change.before, theirs, key), (before) =>
            context.forward(key, { now: defined(now), before }, at, headers),
          ),
        );
      },
    };
  };

/** Where both sides of a table-table join meet; keeps the result when somebody looks rows up in it. */
export const tableMergeProcessor =
  (storeName: () => string | null): ProcessorFactory =>
  (context) => {
    const name = storeName();
    const store = name === null ? null : context.store<KeyValueStore>(name);
    return {
      process(key, value, timestamp, headers) {
        const change = value as Change<unknown>;
        store?.put(key, change.now, timestamp);
        return context.forward(key, change, timestamp, headers);
      },
    };
  };
