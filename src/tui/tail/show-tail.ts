import { type LiveTailOptions, openLiveTail } from '../../runtime/data/tail/live/live-tail.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { type RunViewOptions, runView } from '../run-view.tsx';
import { TailView } from './tail-view.tsx';

/** What was read while the view was there. */
export interface ShownTail {
  records: number;
  topics: number;
  sites: number;
  /** Of the filter that was there at the end; null without one. */
  filter: { scanned: number; matched: number } | null;
}

/** Shows the live view of `dds tail` until the user quits it. Throws what `openLiveTail` and `LiveTail.start` throw. */
export async function showTail(
  options: LiveTailOptions,
  context: RuntimeContext,
  screen: Pick<RunViewOptions, 'stdin' | 'stdout' | 'colours'>,
): Promise<ShownTail> {
  const live = await openLiveTail(options, context);
  try {
    const { ended } = await live.start();
    const failed = new AbortController();
    ended.catch(() => failed.abort());
    const signal = AbortSignal.any([context.signal, failed.signal]);
    await runView(new TailView(live), { ...screen, signal, clock: context.clock });
    if (failed.signal.aborted) await ended;
    const { records, counts, sites, filter } = live;
    return {
      records,
      topics: new Set(counts.map(({ topic }) => topic)).size,
      sites: sites.length,
      filter: filter && { scanned: filter.scanned, matched: filter.matched },
    };
  } finally {
    await live.close();
  }
}
