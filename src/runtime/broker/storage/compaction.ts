import { setImmediate as nextTurn } from 'node:timers/promises';
import { batchWith, RecordBatch, RecordWalker } from '../../protocol/index.ts';
import { BatchScanner } from './batch-scanner.ts';
import type { Log } from './log.ts';
import { Segment } from './segment.ts';
import { SegmentIndex } from './segment-index.ts';
import { cleanedName, commitSwap } from './segment-swap.ts';

/** The event loop is given back after so much work. */
const SLICE_MS = 4;
/** Keys of one run; what comes after waits for the next (Kafka: log.cleaner.dedupe.buffer.size). */
const MAX_KEYS = 1_000_000;

export interface CompactionPlan {
  /** Closed segments: those that are clean come along, so that what the dirty ones supersede goes. */
  segments: readonly Segment[];
  firstDirtyOffset: number;
  /** Tombstones below it have been kept long enough. */
  tombstonesBefore: number;
  /** Whether the batch is of a transaction that was aborted: it supersedes nothing, and goes. */
  isAborted(batch: RecordBatch): boolean;
  /** Segments are joined up to this size. */
  segmentBytes: number;
  /** True when the broker stops: the run is given up, nothing is changed. */
  isStopped(): boolean;
}

/** Yields to the event loop whenever the slice is used up. */
class Slices {
  #startedAt = performance.now();
  readonly isOver: () => boolean;

  constructor(isOver: () => boolean) {
    this.isOver = isOver;
  }

  /** False when the run is to be given up. */
  async goOn(): Promise<boolean> {
    if (performance.now() - this.#startedAt < SLICE_MS) return true;
    await nextTurn();
    this.#startedAt = performance.now();
    return !this.isOver();
  }
}

const keyText = (key: Buffer): string => key.toString('latin1');

/**
 * Keeps of every key the latest record (kafka.log.LogCleaner). Offsets, times, and batches of which nothing is dropped stay
 * byte for byte. Returns the offset up to which the log is clean now, null when the run was given up.
 */
export async function compact(log: Log, plan: CompactionPlan): Promise<number | null> {
  const slices = new Slices(() => plan.isStopped() || log.isClosed);
  const latest = new Map<string, number>();
  const cleaned: Segment[] = [];
  for (const segment of plan.segments) {
    cleaned.push(segment);
    if (segment.baseOffset < plan.firstDirtyOffset) continue;
    if (!(await noteKeys(log, segment, latest, plan, slices))) return null;
    if (latest.size > MAX_KEYS) break;
  }
  const sieve = new Sieve(latest, plan);
  for (const group of groupsBySize(cleaned, plan.segmentBytes)) {
    if (!(await rewrite(log, group, sieve, slices))) return null;
  }
  return endOf(log, cleaned.at(-1)!);
}

const endOf = (log: Log, segment: Segment): number => {
  const bases = log.segments.map(({ baseOffset }) => baseOffset);
  return bases.find((base) => base > segment.baseOffset) ?? log.nextOffset;
};

async function noteKeys(
  log: Log,
  segment: Segment,
  latest: Map<string, number>,
  plan: CompactionPlan,
  slices: Slices,
): Promise<boolean> {
  const scanner = new BatchScanner(segment.file);
  for (let batch = scanner.next(true); batch; batch = scanner.next(true)) {
    const records = new RecordWalker(batch.bytes);
    while (!plan.isAborted(batch) && records.next()) {
      const key = records.key();
      if (key) latest.set(keyText(key), records.offset);
    }
    if (!(await slices.goOn())) return false;
  }
  // Given up for this time: damage is cut out first.
  if (scanner.fault) log.mend(segment);
  return scanner.fault === null;
}

/** Neighbours whose bytes fit one segment are rewritten into one. */
function groupsBySize(segments: readonly Segment[], segmentBytes: number): Segment[][] {
  const groups: Segment[][] = [];
  let bytes = 0;
  for (const segment of segments) {
    const group = groups.at(-1);
    // Index entries are relative to the base: 32 bits.
    const isFar = group && segment.baseOffset - group[0]!.baseOffset > 0x7fff_ffff;
    if (!group || isFar || bytes + segment.size > segmentBytes) {
      groups.push([segment]);
      bytes = 0;
    } else group.push(segment);
    bytes += segment.size;
  }
  return groups;
}

/** Returns false when the run is to be given up; then nothing has changed. */
async function rewrite(log: Log, group: readonly Segment[], sieve: Sieve, slices: Slices): Promise<boolean> {
  const { directory } = log;
  const base = group[0]!.baseOffset;
  directory.remove(cleanedName(base));
  const file = directory.open(cleanedName(base));
  const index = new SegmentIndex(base);
  let isChanged = group.length > 1;
  try {
    for (const segment of group) {
      const scanner = new BatchScanner(segment.file);
      for (let batch = scanner.next(true); batch; batch = scanner.next(true)) {
        const bytes = sieve.retained(batch);
        if (bytes !== batch) isChanged = true;
        if (bytes) {
          index.note(bytes.baseOffset, file.size, bytes.size, bytes.maxTimestamp);
          file.append([bytes.bytes]);
        }
        if (!(await slices.goOn())) return giveUp();
      }
      if (scanner.fault) {
        log.mend(segment);
        return giveUp();
      }
    }
    if (!isChanged) {
      giveUp();
      return true;
    }
    await file.sync();
  } catch (error) {
    giveUp();
    throw error;
  }
  const from = log.segments.indexOf(group[0]!);
  // Meanwhile deleted, with or without the whole topic, or mended.
  if (slices.isOver() || group.some((segment) => !log.segments.includes(segment))) return giveUp();
  file.close();
  const end = endOf(log, group.at(-1)!);
  for (const segment of group) segment.close();
  commitSwap(directory, base, end);
  const segment = new Segment(directory, base);
  segment.index = index;
  segment.firstAppendMs = group[0]!.firstAppendMs;
  log.replaceSegments(from, group.length, [segment]);
  index.save(directory);
  return true;

  function giveUp(): false {
    file.close();
    if (!log.isClosed) directory.remove(cleanedName(base));
    return false;
  }
}

/** What stays of each batch, met in the order of the log. */
class Sieve {
  readonly #latest: ReadonlyMap<string, number>;
  readonly #plan: CompactionPlan;
  /** Producers of which something stays that still needs the marker behind it. */
  readonly #unmarked = new Set<number>();

  constructor(latest: ReadonlyMap<string, number>, plan: CompactionPlan) {
    this.#latest = latest;
    this.#plan = plan;
  }

  /** The batch itself when all of it stays, a new one when some does, null when nothing does. */
  retained(batch: RecordBatch): RecordBatch | null {
    if (batch.isControl) return this.#marker(batch);
    if (this.#plan.isAborted(batch)) return null;
    const kept: Buffer[] = [];
    const records = new RecordWalker(batch.bytes);
    while (records.next()) {
      const key = records.key();
      const isSuperseded = key === null || (this.#latest.get(keyText(key)) ?? -1) > records.offset;
      const isOldTombstone = records.value() === null && records.offset < this.#plan.tombstonesBefore;
      if (!isSuperseded && !isOldTombstone) kept.push(records.raw());
    }
    if (kept.length === 0) return null;
    if (batch.isTransactional) this.#unmarked.add(batch.producerId);
    return kept.length === batch.recordCount ? batch : new RecordBatch(batchWith(batch, kept));
  }

  /** Goes as a tombstone does, once nothing of its transaction is there any more. */
  #marker(batch: RecordBatch): RecordBatch | null {
    const isNeeded = this.#unmarked.delete(batch.producerId);
    return isNeeded || batch.baseOffset >= this.#plan.tombstonesBefore ? batch : null;
  }
}
