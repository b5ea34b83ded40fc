import type { RecordBatch } from '../../protocol/index.ts';
import { compact } from '../storage/compaction.ts';
import { readJson } from '../storage/data-directory.ts';
import type { Directory } from '../storage/interface.ts';
import type { Segment } from '../storage/segment.ts';
import type { BrokerState } from './broker-state.ts';
import type { PartitionLog } from './partition-log.ts';

const CHECKPOINT_FILE = 'cleaner-checkpoint';

/** Everything below `offset` had been compacted by then; so its tombstones had been met. */
interface Checkpoint {
  offset: number;
  atMs: number;
}

/** Compacts the logs that ask for it, the dirtiest first. */
export async function compactLogs(state: BrokerState, isStopped: () => boolean): Promise<void> {
  const { topics, clock, configs, log: logger } = state;
  if (!configs.boolean('log.cleaner.enable')) return;
  const nowMs = clock.now();
  const due = topics
    .all()
    .flatMap(({ partitions }) => partitions)
    .filter(({ settings }) => settings.compact)
    .map((log) => ({ log, ...inspect(log, nowMs) }))
    .filter(({ isDue }) => isDue)
    .sort((a, b) => b.dirtyRatio - a.dirtyRatio);
  for (const { log, segments, checkpoints, firstDirtyOffset } of due) {
    const { topic, partition, settings } = log;
    const before = log.log.bytes;
    const startedAt = clock.monotonic();
    const keptLongEnough = checkpoints.filter(({ atMs }) => atMs + settings.deleteRetentionMs <= nowMs);
    const tombstonesBefore = keptLongEnough.at(-1)?.offset ?? 0;
    // Of these no record was left by an earlier run, and now their markers go. A reader that is told of one whose marker
    // is gone would hide what its producer committed later.
    if (log.producers.aborted.forgetBefore(tombstonesBefore)) log.saveProducers();
    const plan = {
      isAborted: (batch: RecordBatch) =>
        batch.isTransactional && log.producers.aborted.has(batch.producerId, batch.baseOffset),
      segments,
      firstDirtyOffset,
      tombstonesBefore,
      segmentBytes: settings.segmentBytes,
      isStopped,
    };
    const cleanTo = await compact(log.log, plan);
    if (cleanTo === null) continue;
    const newer = checkpoints.slice(Math.max(0, keptLongEnough.length - 1));
    save(log, [...newer, { offset: cleanTo, atMs: nowMs }]);
    const tookMs = Math.round(clock.monotonic() - startedAt);
    logger.info({ topic, partition, cleanTo, before, after: log.log.bytes, tookMs }, 'log compacted');
  }
}

interface Inspection {
  isDue: boolean;
  dirtyRatio: number;
  segments: Segment[];
  checkpoints: Checkpoint[];
  firstDirtyOffset: number;
}

function inspect(partition: PartitionLog, nowMs: number): Inspection {
  const { log, settings, lastStableOffset } = partition;
  const checkpoints = readCheckpoints(log.directory);
  const firstDirtyOffset = checkpoints.at(-1)?.offset ?? 0;
  const youngest = nowMs - settings.minCompactionLagMs;
  // What is not decided yet waits.
  const closed = log.segments
    .slice(0, -1)
    .filter((_, at) => log.segments[at + 1]!.baseOffset <= lastStableOffset);
  const tooYoung =
    settings.minCompactionLagMs > 0 ? closed.findIndex(({ index }) => index.maxTimestamp > youngest) : -1;
  const segments = tooYoung < 0 ? closed : closed.slice(0, tooYoung);
  const sizeOf = (some: Segment[]) => some.reduce((sum, { size }) => sum + size, 0);
  const dirty = segments.filter(({ baseOffset }) => baseOffset >= firstDirtyOffset);
  const dirtyBytes = sizeOf(dirty);
  const dirtyRatio = dirtyBytes === 0 ? 0 : dirtyBytes / sizeOf(segments);
  const isOverdue = dirty.some(({ index }) => nowMs - index.maxTimestamp > settings.maxCompactionLagMs);
  return {
    isDue: dirtyBytes > 0 && (dirtyRatio >= settings.minCleanableDirtyRatio || isOverdue),
    dirtyRatio,
    segments,
    checkpoints,
    firstDirtyOffset,
  };
}

/** One that cannot be read counts as none: then all is compacted again. */
function readCheckpoints(directory: Directory): Checkpoint[] {
  try {
    return readJson<Checkpoint[]>(directory, CHECKPOINT_FILE) ?? [];
  } catch {
    return [];
  }
}

function save({ log }: PartitionLog, checkpoints: readonly Checkpoint[]): void {
  log.directory.replace(CHECKPOINT_FILE, Buffer.from(JSON.stringify(checkpoints)));
}
