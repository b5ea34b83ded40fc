import { afterwards, type Done, eachInOrder, whenDone } from '../done.ts';
import type { Headers, ProcessorFactory } from '../processor.ts';
import type { WindowRow, WindowStore } from '../stores/window-store.ts';
import type { SessionWindows } from '../windows.ts';
import { type Aggregation, aggregated } from './aggregate.ts';
import { FinalResults } from './final-results.ts';
import { defined } from './stateless.ts';
import { type Emission, emitFinals } from './windowed.ts';

export interface SessionAggregation extends Aggregation {
  /** Joins two sessions into one; not asked where one of them has no result yet. */
  merge(key: unknown, one: unknown, other: unknown): unknown;
}

/** Aggregates in sessions: those that a record touches become one, and their old bounds are taken back first. */
export const sessionAggregateProcessor =
  (
    storeName: string,
    { gapMs, graceMs }: SessionWindows,
    aggregation: SessionAggregation,
    emission: Emission,
  ): ProcessorFactory =>
  (context) => {
    const store = context.store<WindowStore>(storeName);
    const finals = emission === 'final' ? new FinalResults(store, gapMs + graceMs, 'strict') : null;
    let observed = -1;

    const remove = (old: WindowRow, headers: Headers): Done => {
      const gone = { ...old, value: null, timestamp: old.end };
      store.put(gone);
      if (finals) return finals.update(gone);
      const { key, start, end } = old;
      return context.forward({ key, start, end }, { now: null, before: old.value }, end, headers);
    };

    return {
      process(key, value, timestamp, headers) {
        if (key === null) return context.drop('null-key');
        observed = Math.max(observed, timestamp);
        const touched = store.overlapping(key, timestamp - gapMs, timestamp + gapMs);
        const start = Math.min(timestamp, ...touched.map((one) => one.start));
        const end = Math.max(timestamp, ...touched.map((one) => one.end));
        // The merged session decides: an old record may join one that lives.
        if (end < observed - graceMs - gapMs) return context.drop('late');
        const before = touched.reduce<unknown>(
          (sum, one) => (sum === null ? one.value : aggregation.merge(key, sum, one.value)),
          null,
        );
        const isNew = start === timestamp && end === timestamp;
        const removed = isNew ? undefined : eachInOrder(touched, (one) => remove(one, headers));
        const done = afterwards(removed, () =>
          whenDone(aggregated(aggregation, key, value, before), (result) => {
            const row: WindowRow = { key, start, end, value: defined(result), timestamp: end };
            store.put(row);
            if (finals) return finals.update(row);
            return context.forward({ key, start, end }, { now: result, before: null }, end, headers);
          }),
        );
        return finals ? afterwards(done, () => emitFinals(context, finals, observed, headers)) : done;
      },
    };
  };
