import { whenDone } from '../done.ts';
import type { Maybe } from '../dsl-types.ts';
import type { Change, ProcessorFactory } from '../processor.ts';
import type { KeyValueStore, Row } from '../stores/key-value-store.ts';
import { defined } from './stateless.ts';

export interface Aggregation {
  /** null for a reduction: the first value is the first result. */
  init: (() => unknown) | null;
  add(key: unknown, value: unknown, aggregate: unknown): Maybe<unknown>;
}

/** Applies the aggregation to what there was, null for nothing. */
export function aggregated({ init, add }: Aggregation, key: unknown, value: unknown, before: unknown) {
  if (before === null && init === null) return value;
  return add(key, value, before === null ? init!() : before);
}

/** `groupByKey().aggregate|count|reduce` without windows. */
export const streamAggregateProcessor =
  (storeName: string, aggregation: Aggregation): ProcessorFactory =>
  (context) => {
    const store = context.store<KeyValueStore>(storeName);
    return {
      process(key, value, timestamp, headers) {
        if (key === null) return context.drop('null-key');
        if (value === null) return context.drop('null-value');
        const row = store.get(key);
        return whenDone(aggregated(aggregation, key, value, row?.value ?? null), (result) => {
          const at = row ? Math.max(row.timestamp, timestamp) : timestamp;
          store.put(key, defined(result), at);
          const change: Change<unknown> = { now: result, before: row?.value ?? null };
          return context.forward(key, change, at, headers);
        });
      },
    };
  };

export interface TableAggregation {
  init: (() => unknown) | null;
  add(key: unknown, value: unknown, aggregate: unknown): Maybe<unknown>;
  subtract(key: unknown, value: unknown, aggregate: unknown): Maybe<unknown>;
}

/** `table.groupBy().aggregate|count|reduce`: takes the old value out and the new one in, in one update. */
export const tableAggregateProcessor =
  (storeName: string, { init, add, subtract }: TableAggregation): ProcessorFactory =>
  (context) => {
    const store = context.store<KeyValueStore>(storeName);
    const withNew = (key: unknown, value: unknown, kept: unknown) => {
      if (value === null) return kept;
      if (kept !== null) return add(key, value, kept);
      return init === null ? value : add(key, value, init());
    };
    return {
      process(key, value, timestamp, headers) {
        if (key === null) return context.drop('null-key');
        const change = value as Change<unknown>;
        const row: Row | null = store.get(key);
        const isTaken = change.before !== null && row !== null;
        const taken = isTaken ? subtract(key, change.before, row.value) : (row?.value ?? null);
        return whenDone(taken, (kept) =>
          whenDone(withNew(key, change.now, defined(kept)), (result) => {
            const at = row ? Math.max(row.timestamp, timestamp) : timestamp;
            store.put(key, defined(result), at);
            return context.forward(key, { now: result, before: row?.value ?? null }, at, headers);
          }),
        );
      },
    };
  };
