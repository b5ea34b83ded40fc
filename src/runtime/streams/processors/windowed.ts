import { afterwards, type Done, eachInOrder, whenDone } from '../done.ts';
import type { Headers, NodeContext, ProcessorFactory } from '../processor.ts';
import type { WindowStore } from '../stores/window-store.ts';
import { type TimeWindows, type Windowed, windowStarts } from '../windows.ts';
import { type Aggregation, aggregated } from './aggregate.ts';
import { FinalResults } from './final-results.ts';
import { defined } from './stateless.ts';

export type Emission = 'update' | 'final';

/** Counts, sums and the like in tumbling and hopping windows. A value of null is aggregated, too. */
export const windowAggregateProcessor =
  (storeName: string, windows: TimeWindows, aggregation: Aggregation, emission: Emission): ProcessorFactory =>
  (context) => {
    const store = context.store<WindowStore>(storeName);
    const finals = emission === 'final' ? new FinalResults(store, windows.graceMs, 'inclusive') : null;
    let observed = -1;
    return {
      process(key, value, timestamp, headers) {
        if (key === null) return context.drop('null-key');
        observed = Math.max(observed, timestamp);
        const closed = observed - windows.graceMs;
        const done = eachInOrder(windowStarts(windows, timestamp), (start) => {
          const end = start + windows.sizeMs;
          if (end <= closed) return context.drop('late');
          const row = store.get(key, start, end);
          return whenDone(aggregated(aggregation, key, value, row?.value ?? null), (result) => {
            const at = row ? Math.max(row.timestamp, timestamp) : timestamp;
            const change = { now: defined(result), before: row?.value ?? null };
            store.put({ key, start, end, value: result, timestamp: at });
            const windowed: Windowed<unknown> = { key, start, end };
            if (!finals) return context.forward(windowed, change, at, headers);
            finals.update({ ...windowed, value: result, timestamp: at });
          });
        });
        return finals ? afterwards(done, () => emitFinals(context, finals, observed, headers)) : done;
      },
    };
  };

export const emitFinals = (
  context: NodeContext,
  finals: FinalResults,
  streamTime: number,
  headers: Headers,
): Done =>
  eachInOrder(finals.closedAt(streamTime), ({ key, start, end, value, timestamp }) =>
    context.forward({ key, start, end }, { now: value, before: null }, timestamp, headers),
  );
