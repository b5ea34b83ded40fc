import { afterwards, type Done, eachInOrder, whenDone } from '../done.ts';
import type { Headers, ProcessorFactory } from '../processor.ts';
import type { WindowRow, WindowStore } from '../stores/window-store.ts';
import type { SlidingWindows } from '../windows.ts';
import { type Aggregation, aggregated } from './aggregate.ts';
import { FinalResults } from './final-results.ts';
import { defined } from './stateless.ts';
import { type Emission, emitFinals } from './windowed.ts';

/**
 * Aggregates over every set of records that lie at most `differenceMs` apart: a record has a window that ends with it, and
 * one that begins right after it once there is a record in that (KIP-450).
 */
export const slidingAggregateProcessor =
  (
    storeName: string,
    { differenceMs, graceMs }: SlidingWindows,
    aggregation: Aggregation,
    emission: Emission,
  ): ProcessorFactory =>
  (context) => {
    const store = context.store<WindowStore>(storeName);
    const finals = emission === 'final' ? new FinalResults(store, graceMs, 'inclusive') : null;
    let observed = -1;

    return {
      process(key, value, timestamp, headers) {
        if (key === null) return context.drop('null-key');
        observed = Math.max(observed, timestamp);
        if (timestamp + 1 + differenceMs <= observed - graceMs) return context.drop('late');
        const steps = plan(key, timestamp);
        const done = eachInOrder(steps, (step) => apply(step, key, value, timestamp, headers));
        return finals ? afterwards(done, () => emitFinals(context, finals, observed, headers)) : done;
      },
    };

    /** The windows to write: `from` what they have so far; `include` the record, or only what came after it. */
    function plan(key: unknown, timestamp: number): Step[] {
      const near = store.fetch(key, Math.max(0, timestamp - 2 * differenceMs), timestamp + 1);
      const isEarly = timestamp < differenceMs;
      const ownStart = isEarly ? 0 : timestamp - differenceMs;
      const steps: Step[] = [];
      const starts = new Set(near.map(({ start }) => start));
      let own: WindowRow | null = null;
      let left: WindowRow | null = null;
      let right: WindowRow | null = null;
      let previous: number | null = null;
      for (const row of near) {
        const end = row.start + differenceMs;
        if (row.start === ownStart) {
          own = row;
          if (row.timestamp < timestamp) previous = row.timestamp;
          if (!isEarly) steps.push({ start: row.start, from: row, include: true });
        } else if (!isEarly && end < timestamp) {
          left = row;
          previous = row.timestamp;
        } else if (row.start <= timestamp) {
          right = row;
          steps.push({ start: row.start, from: row, include: true });
        }
      }
      if (isEarly && right === null && own !== null && own.timestamp > timestamp) right = own;
      if (previous !== null && !starts.has(previous + 1) && previous + 1 + differenceMs >= timestamp)
        steps.push({ start: previous + 1, from: null, include: true });
      if (isEarly) steps.push({ start: 0, from: own, include: true });
      else if (own === null) {
        const reaches = previous !== null && previous >= timestamp - differenceMs;
        const from = reaches ? left : null;
        steps.push({ start: ownStart, from: from && { ...from, timestamp }, include: true });
      }
      if (!starts.has(timestamp + 1) && right !== null && right.timestamp > timestamp)
        steps.push({ start: timestamp + 1, from: right, include: false });
      return steps;
    }

    function apply(
      { start, from, include }: Step,
      key: unknown,
      value: unknown,
      timestamp: number,
      headers: Headers,
    ): Done {
      const end = start + differenceMs;
      if (end <= observed - graceMs) return context.drop('late');
      const result = include ? aggregated(aggregation, key, value, from?.value ?? null) : from!.value;
      return whenDone(result, (now) => {
        const at = include ? Math.max(from?.timestamp ?? timestamp, timestamp) : from!.timestamp;
        const row: WindowRow = { key, start, end, value: defined(now), timestamp: at };
        store.put(row);
        if (finals) return finals.update(row);
        return context.forward({ key, start, end }, { now, before: null }, at, headers);
      });
    }
  };

interface Step {
  start: number;
  from: WindowRow | null;
  include: boolean;
}
