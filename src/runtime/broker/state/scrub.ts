import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../storage/log.ts';
import type { Segment } from '../storage/segment.ts';
import { survey } from '../storage/survey.ts';
import type { BrokerState } from './broker-state.ts';

/** A fifth of the time at most goes into it: about 200 MB a second. */
const SLICE_MS = 2;
const PAUSE_MS = 8;

/**
 * Reads once, after the start, every byte that was there, and cuts out what is damaged: so that damage is told before
 * somebody needs the records, and no start waits for it.
 */
export async function scrubLogs(state: BrokerState, isStopped: () => boolean): Promise<void> {
  const startedAt = performance.now();
  let sliceStartedAt = startedAt;
  let bytes = 0;
  const pause = async () => {
    if (performance.now() - sliceStartedAt < SLICE_MS) return;
    await delay(PAUSE_MS, undefined, { ref: false });
    sliceStartedAt = performance.now();
  };
  for (const { partitions } of state.topics.all()) {
    for (const { log } of partitions) {
      for (const segment of [...log.segments]) {
        if (segment.size === 0) continue;
        bytes += segment.size;
        await scrubSegment(log, segment, pause, isStopped);
        if (isStopped()) return;
      }
    }
  }
  const tookMs = Math.round(performance.now() - startedAt);
  if (bytes > 0)
    state.log.info({ bytes, tookMs, damages: state.health.damageCount }, 'logs read and checked');
}

async function scrubSegment(
  log: Log,
  segment: Segment,
  pause: () => Promise<void>,
  isStopped: () => boolean,
): Promise<void> {
  const isGone = () => isStopped() || log.isClosed || !log.segments.includes(segment);
  if (isGone()) return;
  const wasActive = segment === log.active;
  const steps = survey(log.extentOf(segment));
  let step = steps.next();
  while (!step.done) {
    await pause();
    // Deleted, compacted or mended meanwhile.
    if (isGone()) return;
    step = steps.next();
  }
  const { gaps, index } = step.value;
  // The index of a segment that grows is that of this process.
  const isIndexWrong = !wasActive && !segment.index.agreesWith(index);
  if (gaps.length > 0 || isIndexWrong) log.mend(segment);
}
