import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import type { TopicDescription } from '../../kafka/port.ts';
import type { SiteTail, SiteTailOptions } from './site.ts';
import { checkAnyTopic, checkTopics } from './topics.ts';

const retryMs = 1000;

/**
 * Starts to read all sites; the promises last until each has ended. Throws DDS_UNKNOWN_TOPIC, DDS_USAGE,
 * DDS_BROKER_UNREACHABLE.
 */
export async function startSites(
  sites: readonly SiteTail[],
  { topics: patterns, partitions, to, patienceMs }: SiteTailOptions,
  context: RuntimeContext,
  signal: AbortSignal,
): Promise<Promise<void>[]> {
  const topicsAt = await listAll(sites, patienceMs !== null, context);
  const known = topicsAt.flatMap((topics) => topics ?? []);
  const names = sites.map(({ site }) => site);
  if (!topicsAt.includes(null)) checkTopics(patterns, partitions, known, names);
  if (to !== null) checkAnyTopic(patterns, known);
  return sites.map((site, i) => runSite(site, topicsAt[i] ?? null, context, signal));
}

export async function closeSites(sites: readonly SiteTail[]): Promise<void> {
  await Promise.allSettled(sites.map((site) => site.close()));
}

/**
 * Topics of each site. A live tail does without the sites that do not answer (null) as long as one does.
 * Throws DDS_BROKER_UNREACHABLE.
 */
async function listAll(
  sites: readonly SiteTail[],
  bounded: boolean,
  context: RuntimeContext,
): Promise<(TopicDescription[] | null)[]> {
  const lists = await Promise.allSettled(sites.map((site) => site.listTopics()));
  const failed = lists.filter((list) => list.status === 'rejected');
  if (failed.length > 0 && (bounded || failed.length === lists.length)) throw failed[0]!.reason;
  return lists.map((list, i) => {
    if (list.status === 'fulfilled') return list.value;
    context.report(`${sites[i]!.site}: ${DdsError.from(list.reason).message}; waiting for it`);
    return null;
  });
}

async function runSite(
  site: SiteTail,
  topics: TopicDescription[] | null,
  { clock, report }: RuntimeContext,
  signal: AbortSignal,
): Promise<void> {
  let listed = topics;
  while (listed === null) {
    await clock.sleep(retryMs, signal);
    if (signal.aborted) return;
    listed = await site.listTopics().catch(() => null);
    if (listed) report(`${site.site}: the broker is back`);
  }
  await site.run(listed);
}
