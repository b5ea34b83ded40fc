import { DdsError } from '../../../../errors/index.ts';
import type { Patience } from '../../patience.ts';
import type { SiteTail } from '../site.ts';
import type { ActiveFilter } from './active-filter.ts';
import type { LivePartition } from './topic-counts.ts';

const pollMs = 500;

/** Shows a filter what a site's partitions had before it came: from where the tail began to where it is now. */
export async function searchBack(
  site: SiteTail,
  partitions: readonly LivePartition[],
  filter: ActiveFilter,
  registry: Patience,
  signal: AbortSignal,
): Promise<void> {
  const left = new Map(
    partitions
      .filter(({ tail, nextOffset }) => nextOffset > tail.start)
      .map((partition) => [
        `${partition.tail.partition}/${partition.tail.topic}`,
        { partition, at: partition.tail.start, end: partition.nextOffset },
      ]),
  );
  if (left.size === 0) return;
  for (const { at, end } of left.values()) filter.backlog += end - at;
  const ended = AbortSignal.any([signal, filter.over]);
  const fetcher = site.openFetcher();
  try {
    for (const { partition, at } of left.values())
      fetcher.seek(partition.tail.topic, partition.tail.partition, at);
    while (left.size > 0 && !ended.aborted) {
      const { partitions: fetched, problems } = await fetcher.poll(pollMs, ended);
      for (const { topic, partition, nextOffset, logStartOffset, records } of fetched) {
        const search = left.get(`${partition}/${topic}`);
        if (!search) continue;
        await filter.take(search.partition, records, search.end, registry, signal);
        if (ended.aborted) return;
        advance(`${partition}/${topic}`, Math.max(nextOffset, logStartOffset));
      }
      for (const { topic, partition, kind, error } of problems) {
        const search = left.get(`${partition}/${topic}`);
        if (!search) continue;
        let next = search.end;
        // What retention has taken meanwhile cannot be found any more.
        if (kind === 'out-of-range') next = Math.max(search.at, await site.earliest({ topic, partition }));
        else filter.trouble = DdsError.from(error).message;
        fetcher.seek(topic, partition, next);
        advance(`${partition}/${topic}`, next);
      }
    }
  } finally {
    for (const { at, end } of left.values()) filter.backlog -= end - at;
    await fetcher.close();
  }

  function advance(name: string, to: number): void {
    const search = left.get(name)!;
    const next = Math.min(to, search.end);
    filter.backlog -= next - search.at;
    search.at = next;
    if (next < search.end) return;
    left.delete(name);
    fetcher.remove(search.partition.tail.topic, search.partition.tail.partition);
  }
}
