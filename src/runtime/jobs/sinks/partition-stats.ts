import type { PartitionProgress } from './progress.ts';

/** What the sink counts for one partition since it started. */
export interface PartitionStats {
  readonly progress: PartitionProgress;
  rows: number;
  bytes: number;
  duplicates: number;
  deadLetters: number;
  lost: number;
  highWatermark: number;
  /** Time of the last record that was read, ms since the epoch. */
  lastTimestamp: number;
}

export function newPartitionStats(progress: PartitionProgress): PartitionStats {
  return {
    progress,
    rows: 0,
    bytes: 0,
    duplicates: 0,
    deadLetters: 0,
    lost: 0,
    highWatermark: -1,
    lastTimestamp: 0,
  };
}

export function lagRecords({ highWatermark, progress }: PartitionStats): number {
  return Math.max(0, highWatermark - Math.max(0, progress.committed));
}

/** How old the last stored record is while others wait behind it, s. */
export function lagSeconds(stats: PartitionStats, nowMs: number): number {
  if (lagRecords(stats) === 0 || stats.lastTimestamp <= 0) return 0;
  return Math.max(0, (nowMs - stats.lastTimestamp) / 1000);
}
