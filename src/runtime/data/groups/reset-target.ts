import { DdsError } from '../../../errors/index.ts';
import type { Admin, TopicPartition } from '../../kafka/index.ts';
import { resolveOffsets } from '../tail/offsets.ts';
import { parsePosition, type TailPosition } from '../tail/position.ts';
import type { GroupPartition } from './read-groups.ts';

/** Where a group is to go on: a place in the log, or so many records from where it is. */
export type ResetTarget = { kind: 'position'; position: TailPosition } | { kind: 'shift'; by: number };

/** Reads `--to` or `--shift`. Throws DDS_USAGE. @param now ms since the epoch */
export function parseTarget(to: string | undefined, shift: string | undefined, now: number): ResetTarget {
  if ((to === undefined) === (shift === undefined)) {
    throw new DdsError('DDS_USAGE', 'one of --to and --shift says where the group goes on', {
      hint: 'Try --to earliest, --to latest, --to 2026-01-31T08:00:00Z, --to=-1h or --shift=-100.',
    });
  }
  if (to !== undefined) return { kind: 'position', position: parsePosition(to, '--to', now) };
  const by = /^[+-]?\d+$/.test(shift ?? '') ? Number(shift) : Number.NaN;
  if (Number.isSafeInteger(by)) return { kind: 'shift', by };
  throw new DdsError('DDS_USAGE', `--shift ${shift} is not a number of records`, {
    hint: 'Write --shift=-100 to read the last 100 again, or --shift 100 to leave 100 out.',
  });
}

export interface TopicChoice {
  topic: string;
  /** null: all of them. */
  partition: number | null;
}

/** `readings` or `readings:3`. */
export function parseTopicChoice(text: string): TopicChoice {
  const match = /^(.+):(\d{1,9})$/.exec(text);
  return match ? { topic: match[1]!, partition: Number(match[2]) } : { topic: text, partition: null };
}

/**
 * The partitions to reset: those of `choice` that the topic has, or all that the group has a position in.
 * Throws DDS_UNKNOWN_TOPIC, DDS_USAGE.
 */
export async function partitionsToReset(
  admin: Admin,
  read: readonly GroupPartition[],
  choice: TopicChoice | null,
): Promise<TopicPartition[]> {
  if (choice === null) {
    if (read.length > 0) return read.map(({ topic, partition }) => ({ topic, partition }));
    throw new DdsError('DDS_USAGE', 'the group has no position yet', {
      hint: 'Name a topic with --topic TOPIC.',
    });
  }
  const { topic, partition } = choice;
  const [described] = await admin.describeTopics([topic]);
  const partitions = (described?.partitions ?? []).filter(
    (one) => partition === null || one.partition === partition,
  );
  if (partitions.length === 0) {
    throw new DdsError('DDS_USAGE', `${topic} has no partition ${partition}`, {
      details: { topic, partition },
    });
  }
  return partitions.map((one) => ({ topic, partition: one.partition }));
}

/** New positions, in the order of the partitions; a place outside of the log becomes its nearest end. */
export async function newOffsets(
  admin: Admin,
  partitions: readonly TopicPartition[],
  target: ResetTarget,
  before: readonly (number | null)[],
): Promise<number[]> {
  const position = target.kind === 'position' ? target.position : ({ kind: 'oldest' } as const);
  const ranges = await resolveOffsets(admin, partitions, position, { kind: 'newest' });
  if (target.kind === 'position') return ranges.map(({ start }) => start);
  return ranges.map(({ earliest, end }, at) =>
    Math.min(end, Math.max(earliest, (before[at] ?? earliest) + target.by)),
  );
}
