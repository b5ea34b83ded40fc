import type { Clock } from '../../../shared/clock.ts';
import type { TailOutput } from './output.ts';
import type { SiteTail } from './site.ts';

/** Ends the tail when no record has come for so long. Time in which a site does not answer is not idle. */
export async function endWhenIdle(
  sites: readonly SiteTail[],
  output: TailOutput,
  idleMs: number,
  clock: Clock,
  finished: AbortController,
): Promise<void> {
  const stepMs = Math.max(10, Math.min(250, idleMs / 4));
  let [seen, since] = [-1, clock.monotonic()];
  while (!finished.signal.aborted) {
    if (output.scanned !== seen || sites.some(({ waiting }) => waiting)) {
      seen = output.scanned;
      since = clock.monotonic();
    } else if (clock.monotonic() - since >= idleMs) finished.abort();
    await clock.sleep(stepMs, finished.signal);
  }
}
