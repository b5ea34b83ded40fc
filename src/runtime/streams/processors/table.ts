import { eachInOrder, whenDone } from '../done.ts';
import type { Maybe } from '../dsl-types.ts';
import type { Change, ProcessorFactory } from '../processor.ts';
import type { KeyValueStore } from '../stores/key-value-store.ts';
import { defined } from './stateless.ts';

/** A topic read as a table. Rows are applied in the order of their offsets, whatever their times say. */
export const tableSourceProcessor =
  (storeName: () => string | null): ProcessorFactory =>
  (context) => {
    const name = storeName();
    const store = name === null ? null : context.store<KeyValueStore>(name);
    return {
      process(key, value, timestamp, headers) {
        if (key === null) return context.drop('null-key');
        const before = store?.get(key)?.value ?? null;
        store?.put(key, value, timestamp);
        return context.forward(key, { now: value, before }, timestamp, headers);
      },
    };
  };

/** Keeps a copy of what passes, when somebody looks rows up in it, and knows then what was there before. */
function keeping(
  storeName: () => string | null,
  compute: (key: unknown, value: unknown) => Maybe<unknown>,
  skip: (change: Change<unknown>, input: Change<unknown>) => boolean,
): ProcessorFactory {
  return (context) => {
    const name = storeName();
    const store = name === null ? null : context.store<KeyValueStore>(name);
    return {
      process(key, value, timestamp, headers) {
        const input = value as Change<unknown>;
        return whenDone(compute(key, input.now), (now) =>
          whenDone(store ? (store.get(key)?.value ?? null) : compute(key, input.before), (before) => {
            const change = { now: defined(now), before };
            if (skip(change, input)) return;
            store?.put(key, now, timestamp);
            return context.forward(key, change, timestamp, headers);
          }),
        );
      },
    };
  };
}

/** What does not fit becomes a tombstone, unless it is known that nothing was there. */
export const tableFilterProcessor = (
  predicate: (key: unknown, value: unknown) => Maybe<boolean>,
  wanted: boolean,
  storeName: () => string | null,
  knowsBefore: () => boolean,
): ProcessorFactory =>
  keeping(
    storeName,
    (key, value) =>
      value === null ? null : whenValue(predicate(key, value), (fits) => (fits === wanted ? value : null)),
    ({ now, before }) => now === null && before === null && knowsBefore(),
  );

export const tableMapValuesProcessor = (
  mapper: (value: unknown, key: unknown) => Maybe<unknown>,
  storeName: () => string | null,
): ProcessorFactory =>
  keeping(
    storeName,
    (key, value) => (value === null ? null : mapper(value, key)),
    () => false,
  );

export const toStreamProcessor: ProcessorFactory = (context) => ({
  process: (key, value, timestamp, headers) =>
    context.forward(key, (value as Change<unknown>).now, timestamp, headers),
});

/** Of a stream: every record is the row of its key. */
export const toTableProcessor =
  (storeName: string): ProcessorFactory =>
  (context) =>
    tableSourceProcessor(() => storeName)(context);

/** New keys for a table's rows: the old value leaves its group and the new one joins its own, as one change where they are the same. */
export const tableSelectProcessor =
  (mapper: (key: unknown, value: unknown) => Maybe<readonly [unknown, unknown]>): ProcessorFactory =>
  (context) => {
    const select = (key: unknown, value: unknown) => (value === null ? null : mapper(key, value));
    return {
      process(key, value, timestamp, headers) {
        const { now, before } = value as Change<unknown>;
        return whenDone(select(key, before), (oldPair) =>
          whenDone(select(key, now), (newPair) => {
            const left = isWhole(oldPair) ? oldPair : null;
            const joined = isWhole(newPair) ? newPair : null;
            if (left && joined && sameKey(left[0], joined[0]))
              return context.forward(joined[0], { now: joined[1], before: left[1] }, timestamp, headers);
            const changes: [unknown, Change<unknown>][] = [];
            if (left) changes.push([left[0], { now: null, before: left[1] }]);
            if (joined) changes.push([joined[0], { now: joined[1], before: null }]);
            return eachInOrder(changes, ([newKey, change]) =>
              context.forward(newKey, change, timestamp, headers),
            );
          }),
        );
      },
    };
  };

const isWhole = (pair: readonly [unknown, unknown] | null) =>
  pair !== null && pair[0] !== null && pair[1] !== null;

function sameKey(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return one === other;
  return JSON.stringify(one) === JSON.stringify(other);
}

function whenValue<T, R>(value: Maybe<T>, next: (value: T) => R): Maybe<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
