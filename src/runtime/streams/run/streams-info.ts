import type { Stage } from '../record-errors.ts';
import type { StateStore } from '../stores/state-store.ts';
import type { LiveTask } from './live-task.ts';

export interface StoreInfo {
  store: string;
  rows: number;
  /** Estimate of what the rows take in memory. */
  bytes: number;
}

export interface TaskInfo {
  /** `<sub-topology>_<partition>` */
  task: string;
  /** Records worked on since the task came here. */
  processed: number;
  /** Records of its partitions that are still to come, as last heard. */
  lagRecords: number;
  /** Records left out, by reason. */
  drops: Record<string, number>;
  stores: StoreInfo[];
}

/** What an instance of a job tells of itself. */
export interface StreamsInfo {
  /** The job: its consumer group. */
  id: string;
  tasks: TaskInfo[];
  /** Tasks whose state is being read back: records taken, offsets left. */
  restoring: { task: string; restored: number; left: number }[];
  /** Records that failed and did not end the job. */
  failed: Record<Stage, number>;
  deadLetters: number;
  /** From the time of the newest record to its commit, ms; null before the first. */
  latencyMs: number | null;
  globalTables: StoreInfo[];
}

export const storesInfo = (stores: Iterable<StateStore>): StoreInfo[] =>
  [...stores].map(({ name, rows, bytes }) => ({ store: name, rows, bytes }));

export const taskInfo = ({ id, processed, group, program }: LiveTask): TaskInfo => ({
  ...{ task: id, processed, lagRecords: group.lag },
  drops: Object.fromEntries(program.drops),
  stores: storesInfo(program.stores.values()),
});
