import type { Admin, TopicPartition } from '../../kafka/port.ts';
import type { TailPosition } from './position.ts';

/** What is read of a partition: from `start` up to, but not with, `end`. */
export interface OffsetRange extends TopicPartition {
  /** First offset that the log still has. */
  earliest: number;
  start: number;
  end: number;
}

/** Finds where to begin and, with the ends as they are now, where to stop. Positions outside the log become its ends. */
export async function resolveOffsets(
  admin: Admin,
  partitions: readonly TopicPartition[],
  from: TailPosition,
  to: TailPosition,
): Promise<OffsetRange[]> {
  if (partitions.length === 0) return [];
  const [earliest, latest] = await Promise.all([
    admin.offsets(partitions, 'earliest'),
    admin.offsets(partitions, 'latest'),
  ]);
  const at = async (position: TailPosition): Promise<number[]> => {
    const times = position.kind === 'time' ? await admin.offsets(partitions, position.ms) : [];
    return partitions.map((_, i) => {
      const [first, last] = [earliest[i]!, latest[i]!];
      return Math.min(last, Math.max(first, offsetAt(position, first, last, times[i])));
    });
  };
  const [starts, ends] = await Promise.all([at(from), at(to)]);
  return partitions.map(({ topic, partition }, i) => ({
    topic,
    partition,
    earliest: earliest[i]!,
    start: starts[i]!,
    end: ends[i]!,
  }));
}

/** `byTime` is -1 when no record is that young. */
function offsetAt(position: TailPosition, earliest: number, latest: number, byTime = -1): number {
  switch (position.kind) {
    case 'oldest':
      return earliest;
    case 'newest':
      return latest;
    case 'offset':
      return position.offset;
    case 'back':
      return latest - position.count;
    case 'time':
      return byTime < 0 ? latest : byTime;
  }
}
