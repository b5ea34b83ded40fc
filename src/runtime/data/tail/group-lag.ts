import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import type { SiteTail } from './site.ts';

const everyMs = 10_000;

/** Reports a group's lag at each site that has it: now, from time to time, and when the signal aborts. */
export async function watchLag(
  sites: readonly SiteTail[],
  group: string,
  { clock, report }: Pick<RuntimeContext, 'clock' | 'report'>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const last = signal.aborted;
    report(`group ${group}: ${await lagText(sites, group)}`);
    if (last) return;
    await clock.sleep(everyMs, signal);
  }
}

async function lagText(sites: readonly SiteTail[], group: string): Promise<string> {
  const texts = await Promise.all(
    sites.map(async (site) => {
      try {
        const lags = await site.lagOf(group);
        if (!lags) return [];
        return [...lags].map(([topic, lag]) => `${topic} at ${site.site} ${lag.toLocaleString('en')} behind`);
      } catch (error) {
        return [`${site.site} does not tell (${DdsError.from(error).message})`];
      }
    }),
  );
  return texts.flat().join(', ') || 'no such group, or it has no positions';
}
